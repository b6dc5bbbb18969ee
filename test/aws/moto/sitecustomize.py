"""What moto lacks or does otherwise than AWS, as far as this project's stacks touch it. Each patch says why it is here.

Python loads a module of this name before the program that it was asked for: this folder is in moto_server's PYTHONPATH.
"""

import base64
import functools
import io
import json
import os
import re
import string
import subprocess
import sys
import tempfile
import threading
import time
import types
import uuid
import zipfile

import moto

if not moto.__version__.startswith("5.2."):
    print(f"moto_server is of moto {moto.__version__}, expected 5.2, whose insides are patched", file=sys.stderr)
    os._exit(1)
if "MOTO_PORT" not in os.environ:
    os._exit(0)  # it was only asked whether it can be used

import boto3
import yaml
from botocore.exceptions import ClientError
from moto.awslambda.models import LambdaFunction
from moto.cloudformation import parsing
from moto.cloudformation.models import ChangeSet, CloudFormationBackend, cloudformation_backends
from moto.cloudwatch.responses import CloudWatchResponse
from moto.core.common_models import CloudFormationModel
from moto.core.config import default_user_config
from moto.core.responses import ActionResult
from moto.dynamodb.responses import DynamoHandler
from moto.events.models import EventBus, Rule
from moto.events.utils import EventTemplateParser
from moto.iam.access_control import PermissionResult
from moto.route53.models import HostedZoneIdentifier
from moto.s3.models import FakeBucket
from moto.secretsmanager.exceptions import InvalidRequestException
from moto.secretsmanager.models import SecretsManagerBackend
from moto.stepfunctions import models as state_machines
from moto.stepfunctions.parser.asl.jsonata import jsonata
from moto.stepfunctions.parser.models import stepfunctions_parser_backends
from moto.stepfunctions.responses import StepFunctionResponse

here = os.path.dirname(__file__)
address = f"http://127.0.0.1:{os.environ['MOTO_PORT']}"
node = os.environ["NODE"]


# The server ends with whoever started it, however that ends: its standard input is closed then.
def end_with_the_tests():
    sys.stdin.read()
    os._exit(0)


threading.Thread(target=end_with_the_tests, daemon=True).start()


# The application's hosted zone is there before Breakwater; moto invents ids, and plan.yml names one.
HostedZoneIdentifier.generate = lambda self, *_, **__: os.environ["HOSTED_ZONE"]

# moto reads the conditions of no bucket policy: "deny what comes without TLS" would shut out everybody.
FakeBucket.get_permission = lambda self, action, resource: PermissionResult.NEUTRAL

# moto has cfn-lint validate, and takes warnings for errors. The gate runs it too, with a reason for each exception.
CloudFormationBackend.validate_template = lambda self, template: []

# moto parses a template as YAML first, which takes seconds for the main region's.
load_yaml = yaml.load
yaml.load = lambda text, Loader: json.loads(text) if text.startswith("{") else load_yaml(text, Loader)


# Fn::Sub: moto takes no name that begins with a digit, and makes one $ of the two that stand for a JSONata context.
class Substitution(string.Template):
    pattern = r"\$(?:\{(?P<braced>[^!{}]+)\}|(?P<named>(?!))|(?P<escaped>(?!))|(?P<invalid>(?!)))"


parsing.string = types.SimpleNamespace(Template=Substitution)

# moto leaves a stack's template, outputs and exports as they were when a change set is executed.
apply = ChangeSet.apply


def apply_whole(self):
    apply(self)
    stack = self.stack
    stack.template = self.template
    stack._parse_template()
    stack.output_map = stack._create_output_map()
    exports = cloudformation_backends[stack.account_id][stack.region_name].exports
    exports.update({export.name: export for export in stack.exports})


ChangeSet.apply = apply_whole


# moto knows no RetainExceptOnCreate. It never rolls back, so that it is Retain.
delete_resources = parsing.ResourceMap.delete


def keep(self):
    for resource in self._resource_json_map.values():
        if resource.get("DeletionPolicy") == "RetainExceptOnCreate":
            resource["DeletionPolicy"] = "Retain"
    delete_resources(self)


parsing.ResourceMap.delete = keep

# moto takes a schedule for a rule that every event matches.
send_to_targets = Rule.send_to_targets
Rule.send_to_targets = lambda self, *event, **how: self.event_pattern._pattern and send_to_targets(self, *event, **how)

# moto leaves the account out of an event on its way to a queue.
whole = EventTemplateParser.DEFAULT_EVENT_INPUT_TEMPLATE
EventTemplateParser.DEFAULT_EVENT_INPUT_TEMPLATE = whole.replace('"version"', '"account": "<account>", "version"')

# moto knows no Ref of a bus, which is its name.
EventBus.physical_resource_id = property(lambda self: self.name)

# moto looks at a condition and writes in two steps, between which other requests come.
dynamodb_lock = threading.RLock()
call_dynamodb = DynamoHandler.call_action


def call_dynamodb_alone(self):
    with dynamodb_lock:
        return call_dynamodb(self)


DynamoHandler.call_action = call_dynamodb_alone

# moto takes 7 s to write down 2,000 items, which are JSON already.
query = DynamoHandler.query
DynamoHandler.query = lambda self: json.dumps(query(self).result, default=lambda data: base64.b64encode(data).decode())


# moto answers with all alarms and all of a history at once. AWS gives 50 alarms unless told, 100 at most; of a history
# fewer events than asked for where they are large, here 20, and the newest first where told.
def in_pages(method, page):
    whole = getattr(*method)
    setattr(*method, lambda self: ActionResult(page(self, whole(self).result)))


def page_of(items, token, size):
    start = int(token or 0)
    return items[start : start + size], str(start + size) if start + size < len(items) else None


def alarms_page(request, answer):
    kinds = ["MetricAlarms", "CompositeAlarms"]
    alarms = [(kind, alarm) for kind in kinds for alarm in answer[kind]]
    size = min(request._get_int_param("MaxRecords") or 50, 100)
    page, token = page_of(alarms, request._get_param("NextToken"), size)
    return {kind: [alarm for own, alarm in page if own == kind] for kind in kinds} | {"NextToken": token}


def history_page(request, answer):
    events = list(answer["events"])
    if request._get_bool_param("reverseOrder"):
        events.reverse()
    page, token = page_of(events, request._get_param("nextToken"), 20)
    return {"events": page, "nextToken": token}


in_pages((CloudWatchResponse, "describe_alarms"), alarms_page)
in_pages((StepFunctionResponse, "get_execution_history"), history_page)


# moto runs functions in Docker. Here the project's Node runs them: the zip that was uploaded, in the environment that
# was deployed, and what Lambda adds to it.
def run_function(function, event=None):
    root = os.path.join(tempfile.gettempdir(), re.sub(r"\W", "_", function.code_sha_256))
    if not os.path.isdir(root):
        unpacked = tempfile.mkdtemp()
        zipfile.ZipFile(io.BytesIO(function.code_bytes)).extractall(unpacked)
        try:
            os.rename(unpacked, root)
        except OSError:
            pass  # another call was first
    environment = {
        **function.environment_vars,
        "LAMBDA_TASK_ROOT": root,
        "_HANDLER": function.handler,
        "AWS_REGION": function.region,
        "AWS_LAMBDA_FUNCTION_NAME": function.function_name,
        "AWS_ACCESS_KEY_ID": "none",
        "AWS_SECRET_ACCESS_KEY": "none",
        "AWS_ENDPOINT_URL": address,
    }
    try:
        ran = subprocess.run(
            [node, f"{here}/runtime.ts"],
            input=json.dumps(event),
            env=environment,
            timeout=int(function.timeout),
            text=True,
            stdout=subprocess.PIPE,
        )
        *logs, answer = ran.stdout.splitlines() or [""]
        failed = ran.returncode != 0
    except subprocess.TimeoutExpired:
        logs, answer, failed = [], json.dumps({"errorType": "Sandbox.Timedout"}), True
    print(*logs, *([answer] if failed else []), sep="\n", file=sys.stderr, flush=True)
    return answer, failed, "\n".join(logs)


LambdaFunction._invoke_lambda = run_function


# moto calls a rotation with the secret's name where AWS gives its ARN, tries it out with the value in use and leaves
# that version, goes on where a step has failed, and puts the new version into use itself.
def rotate_secret(
    self, secret_id, client_request_token=None, rotation_lambda_arn=None, rotation_rules=None, rotate_immediately=True
):
    from moto.awslambda.utils import get_backend

    secret = self.secrets[secret_id]
    secret.rotation_requested = secret.rotation_enabled = True
    secret.rotation_lambda_arn = rotation_lambda_arn or secret.rotation_lambda_arn
    secret.auto_rotate_after_days = (rotation_rules or {}).get("AutomaticallyAfterDays", secret.auto_rotate_after_days)
    version = client_request_token or str(uuid.uuid4())
    secret.versions[version] = {
        "createdate": int(time.time()),
        "version_id": version,
        "version_stages": ["AWSPENDING"],
    }
    for step in ["create", "set", "test", "finish"] if rotate_immediately else ["test"]:
        event = {"Step": f"{step}Secret", "SecretId": secret.arn, "ClientRequestToken": version}
        answered = {}
        backend = get_backend(self.account_id, self.region_name)
        answer = backend.invoke(secret.rotation_lambda_arn, None, json.dumps(event), {}, answered)
        if "x-amz-function-error" in answered:
            raise InvalidRequestException(f"{step}Secret: {answer.decode()}")
    if not rotate_immediately:
        del secret.versions[version]
    return secret.to_short_dict(version_id=version)


SecretsManagerBackend.rotate_secret = rotate_secret


# moto runs state machines on request only, has no JSONata (it would need Java), and copies the service for each start.
default_user_config["stepfunctions"]["execute_state_machine"] = True
state_machines.stepfunctions_backends = stepfunctions_parser_backends
state_machines.StateMachine.__deepcopy__ = lambda self, memo: types.SimpleNamespace(**self.__dict__)
evaluator = subprocess.Popen(
    [node, f"{here}/evaluate.ts"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1
)
one_at_a_time = threading.Lock()


def evaluate(expression):
    with one_at_a_time:
        print(json.dumps(expression), file=evaluator.stdin, flush=True)
        answer = json.loads(evaluator.stdout.readline())
    if "error" in answer:
        raise jsonata.JSONataException("UNKNOWN", answer["error"])
    return answer.get("value")


jsonata._eval_jsonata = evaluate


# Types of resources that moto's CloudFormation does not know, made by the calls of their services.
@functools.cache
def service(name, region):
    return boto3.client(
        name, region_name=region, endpoint_url=address, aws_access_key_id="none", aws_secret_access_key="none"
    )


def resource(kind, api):
    """Registers a type. What it decorates makes one from its properties, and gives its id and what undoes it."""

    def register(make):
        def create(cls, resource_name, cloudformation_json, account_id, region_name, **_):
            made = cls()
            made.physical_resource_id, made.undo = make(service(api, region_name), cloudformation_json["Properties"])
            return made

        def delete(self, account_id, region_name):
            try:
                self.undo()
            except ClientError as error:
                # moto deletes in no order: what belonged to something that is gone is gone with it.
                if not re.search("NotFound|NonExist|NoSuch", error.response["Error"]["Code"]):
                    raise

        members = {
            "cloudformation_name_type": staticmethod(lambda: ""),
            "cloudformation_type": staticmethod(lambda: kind),
            "create_from_cloudformation_json": classmethod(create),
            "delete": delete,
        }
        type(kind, (CloudFormationModel,), members)
        return make

    return register


def nothing():
    """Undoes what goes with the resource that it belongs to."""


@resource("AWS::CloudWatch::Alarm", "cloudwatch")
def alarm(cloudwatch, properties):
    cloudwatch.put_metric_alarm(**properties)
    name = properties["AlarmName"]
    return name, lambda: cloudwatch.delete_alarms(AlarmNames=[name])


@resource("AWS::S3::BucketPolicy", "s3")
def bucket_policy(s3, properties):
    bucket = properties["Bucket"]
    s3.put_bucket_policy(Bucket=bucket, Policy=json.dumps(properties["PolicyDocument"]))
    return f"{bucket}-policy", nothing


@resource("AWS::SQS::QueuePolicy", "sqs")
def queue_policy(sqs, properties):
    (queue,) = properties["Queues"]
    sqs.set_queue_attributes(QueueUrl=queue, Attributes={"Policy": json.dumps(properties["PolicyDocument"])})
    return f"{queue}-policy", nothing


@resource("AWS::SNS::TopicPolicy", "sns")
def topic_policy(sns, properties):
    (topic,) = properties["Topics"]
    policy = json.dumps(properties["PolicyDocument"])
    sns.set_topic_attributes(TopicArn=topic, AttributeName="Policy", AttributeValue=policy)
    return f"{topic}-policy", nothing


@resource("AWS::SNS::Subscription", "sns")
def subscription(sns, properties):
    given = {**properties}
    redrive = given.pop("RedrivePolicy", None)
    attributes = {} if redrive is None else {"RedrivePolicy": json.dumps(redrive)}
    arn = sns.subscribe(**given, Attributes=attributes, ReturnSubscriptionArn=True)["SubscriptionArn"]
    return arn, lambda: sns.unsubscribe(SubscriptionArn=arn)


@resource("AWS::Lambda::EventInvokeConfig", "lambda")
def unattended(functions, properties):
    functions.put_function_event_invoke_config(**properties)
    return f"{properties['FunctionName']}-unattended", nothing


@resource("AWS::ApiGatewayV2::Api", "apigatewayv2")
def http_api(gateway, properties):
    api = gateway.create_api(**properties)["ApiId"]
    return api, lambda: gateway.delete_api(ApiId=api)


@resource("AWS::ApiGatewayV2::Stage", "apigatewayv2")
def http_stage(gateway, properties):
    return gateway.create_stage(**properties)["StageName"], nothing


@resource("AWS::ApiGatewayV2::Integration", "apigatewayv2")
def http_integration(gateway, properties):
    return gateway.create_integration(**properties)["IntegrationId"], nothing


@resource("AWS::ApiGatewayV2::Route", "apigatewayv2")
def http_route(gateway, properties):
    return gateway.create_route(**properties)["RouteId"], nothing


@resource("AWS::SecretsManager::Secret", "secretsmanager")
def secret(secrets, properties):
    given = {**properties}
    generate = given.pop("GenerateSecretString")
    value, key = json.loads(generate.pop("SecretStringTemplate")), generate.pop("GenerateStringKey")
    value[key] = secrets.get_random_password(**generate)["RandomPassword"]
    arn = secrets.create_secret(**given, SecretString=json.dumps(value))["ARN"]
    return arn, lambda: secrets.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


@resource("AWS::SecretsManager::ResourcePolicy", "secretsmanager")
def secret_policy(secrets, properties):
    policy = json.dumps(properties["ResourcePolicy"])
    secrets.put_resource_policy(**properties | {"ResourcePolicy": policy})
    return f"{properties['SecretId']}-policy", nothing


@resource("AWS::SecretsManager::RotationSchedule", "secretsmanager")
def rotation(secrets, properties):
    given = {**properties}
    at_once = given.pop("RotateImmediatelyOnUpdate")
    secrets.rotate_secret(**given, RotateImmediately=at_once)
    return f"{properties['SecretId']}-rotation", nothing


# One table in the stack's region: moto knows neither replicas nor a witness.
@resource("AWS::DynamoDB::GlobalTable", "dynamodb")
def table(dynamodb, properties):
    named = ["TableName", "BillingMode", "AttributeDefinitions", "KeySchema"]
    dynamodb.create_table(**{name: properties[name] for name in named}, DeletionProtectionEnabled=True)
    return properties["TableName"], nothing
