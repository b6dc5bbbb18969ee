// The door that approvers come through: an HTTP API in front of serve-approval, and the key that their links are signed with.
import { approvalPageUrl, functionId, mayInvoke } from '../runs/functions.ts';
import { arnHere, arnOf, type Resource, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { logGroup } from '../watching/logs.ts';

/** The route and not the path: whoever reads the log could otherwise open the links that are in it. */
const logged = {
  requestId: '$context.requestId',
  time: '$context.requestTime',
  route: '$context.routeKey',
  status: '$context.status',
  ip: '$context.identity.sourceIp',
  error: '$context.error.message',
};

const commandLine = 'POST /requests/{id}';

/**
 * What a flood of strangers may take of the account's Lambda, which flows and classification need: a tenth at once, of the 1,000 that an account
 * has by default. It is no judgement of people, who come in far below it: the door counts what fails (docs/decisions/0024-the-door.md). The command
 * line has one of its own, which links do not use up.
 */
const floodgate = { ThrottlingRateLimit: 200, ThrottlingBurstLimit: 100 };

export function approvalPage(stack: Stack): Resources {
  const { prefix } = stack;
  return {
    ApprovalApi: {
      Type: 'AWS::ApiGatewayV2::Api',
      Properties: { Name: `${prefix}-approval`, ProtocolType: 'HTTP' },
    },
    ApprovalStage: {
      Type: 'AWS::ApiGatewayV2::Stage',
      DependsOn: 'AnswerByIam', // its settings name that route
      Properties: {
        ApiId: ref('ApprovalApi'),
        StageName: '$default',
        AutoDeploy: true,
        DefaultRouteSettings: floodgate,
        RouteSettings: { [commandLine]: floodgate },
        AccessLogSettings: { DestinationArn: arnOf('ApprovalLogs'), Format: JSON.stringify(logged) },
      },
    },
    ApprovalLogs: logGroup(`/aws/vendedlogs/apis/${prefix}-approval`),
    ApprovalIntegration: {
      Type: 'AWS::ApiGatewayV2::Integration',
      Properties: {
        ApiId: ref('ApprovalApi'),
        IntegrationType: 'AWS_PROXY',
        IntegrationUri: arnOf(functionId('serve-approval')),
        PayloadFormatVersion: '2.0',
        TimeoutInMillis: 29_000,
      },
    },
    // Who holds the link may look (GET, HEAD) and answer (POST); the link is the credential.
    ShowRequest: route('GET /r/{link}', 'NONE'),
    AskForRequest: route('HEAD /r/{link}', 'NONE'),
    AnswerByLink: route('POST /r/{link}', 'NONE'),
    // The command line: IAM says who calls, and the plan's contacts say who that is.
    AnswerByIam: route(commandLine, 'AWS_IAM'),
    ApprovalPermission: mayInvoke(
      'serve-approval',
      'apigateway.amazonaws.com',
      arnHere('execute-api', `\${ApprovalApi}/*`),
    ),
    ...linkKey(prefix),
  };
}

function route(RouteKey: string, AuthorizationType: 'NONE' | 'AWS_IAM'): Resource {
  return {
    Type: 'AWS::ApiGatewayV2::Route',
    Properties: {
      ApiId: ref('ApprovalApi'),
      RouteKey,
      AuthorizationType,
      Target: sub(`integrations/\${ApprovalIntegration}`),
    },
  };
}

/** { "keys": [{ "id", "key" }, …] }, newest first. Until the first rotation the seed is the key: CloudFormation can make no other shape. */
function linkKey(prefix: string): Resources {
  const onlyThisAccount: Value = {
    Sid: 'OnlyThisAccount',
    Effect: 'Deny',
    Principal: '*',
    Action: 'secretsmanager:GetSecretValue',
    Resource: '*',
    Condition: { StringNotEquals: { 'aws:PrincipalAccount': ref('AWS::AccountId') } },
  };
  return {
    LinkKey: {
      Type: 'AWS::SecretsManager::Secret',
      Properties: {
        Name: `${prefix}-link-key`,
        Description: 'Signs the links of approvers',
        KmsKeyId: ref('Key'),
        GenerateSecretString: {
          SecretStringTemplate: '{"keys":[]}',
          GenerateStringKey: 'seed',
          PasswordLength: 64,
          ExcludePunctuation: true,
        },
      },
    },
    LinkKeyPolicy: {
      Type: 'AWS::SecretsManager::ResourcePolicy',
      Properties: {
        SecretId: ref('LinkKey'),
        BlockPublicPolicy: true,
        ResourcePolicy: { Version: '2012-10-17', Statement: [onlyThisAccount] },
      },
    },
    LinkKeyRotation: {
      Type: 'AWS::SecretsManager::RotationSchedule',
      DependsOn: 'LinkKeyPermission',
      Properties: {
        SecretId: ref('LinkKey'),
        RotationLambdaARN: arnOf(functionId('rotate-link-key')),
        RotationRules: { AutomaticallyAfterDays: 30 },
        RotateImmediatelyOnUpdate: false, // a deployment changes no key
      },
    },
    LinkKeyPermission: mayInvoke('rotate-link-key', 'secretsmanager.amazonaws.com', ref('LinkKey')),
  };
}

/** What people look up of a main stack. */
export function outputs({ prefix, region }: Stack): Readonly<Record<string, Value>> {
  const dashboards = `https://${region}.console.aws.amazon.com/cloudwatch/home?region=${region}#dashboards/dashboard`;
  return {
    ApprovalPageUrl: {
      Description: 'Where the links of approvers lead, and the command line answers',
      Value: approvalPageUrl,
    },
    StateTableName: { Description: 'Signals, incidents, locks, approvals', Value: prefix },
    DashboardUrl: { Description: 'What Breakwater believes and does', Value: `${dashboards}/${prefix}-${region}` },
    CacheEventsTopic: {
      Description: 'Notification topic for node-based ElastiCache groups',
      Value: ref('CacheEvents'),
    },
  };
}
