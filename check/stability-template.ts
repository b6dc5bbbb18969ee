// Static stability of what is deployed: what the packaged template would make a recovery depend on. Pure. The rules about the
// plan alone are in stability.ts.
import type { Weakness } from '../functions/domain/kind/stability.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { mainRegions } from './stability.ts';
import {
  environmentOf,
  existsIn,
  isRecord,
  listOf,
  ofType,
  type Right,
  rightsIn,
  type Template,
  textsIn,
  uses,
} from './template.ts';

/**
 * Everything in a packaged template that makes a recovery unsafe, each thing once. `region`: the one that it was packaged
 * for; null where the same template is deployed to both.
 */
export function findInTemplate(plan: Plan, template: Template, region: string | null = null): Weakness[] {
  const found = [
    ...rights(plan, template),
    ...machines(template),
    ...state(plan, template),
    ...latch(plan, template, region),
    ...alarms(plan, template),
    ...onlyInPrimary(plan, template),
    ...fixedElsewhere(plan, template, region),
    ...exportsAndImports(template),
    ...globalSts(template),
  ];
  const seen = new Set<string>();
  return found.filter(({ id, where, depends }) => {
    const key = JSON.stringify([id, where, depends]);
    return !seen.has(key) && seen.add(key) !== undefined;
  });
}

/** Services whose control plane stands in one region. Where a role may write to one, a step of a recovery may need it. */
const singleRegion: readonly { readonly actions: RegExp; readonly name: string; readonly region: string }[] = [
  { actions: /^cloudfront:(\*|Create|Update|Delete)/i, name: 'CloudFront', region: 'us-east-1' },
  { actions: /^organizations:(\*|[A-Z])/i, name: 'Organizations', region: 'us-east-1' },
  { actions: /^account:(\*|Put|Delete|Enable|Disable)/i, name: 'Account Management', region: 'us-east-1' },
  {
    actions: /^globalaccelerator:(\*|Create|Update|Delete|Add|Remove)/i,
    name: 'Global Accelerator',
    region: 'us-west-2',
  },
  {
    actions: /^route53-recovery-control-config:(\*|Create|Update|Delete)/i,
    name: 'the configuration of routing controls',
    region: 'us-west-2',
  },
  { actions: /^networkmanager:(\*|Create|Update|Delete|Start)/i, name: 'Network Manager', region: 'us-west-2' },
];

const iamWrite =
  /^iam:(\*|(Create|Delete|Update|Put|Attach|Detach|Add|Remove|Set|Upload|Change|Enable|Deactivate|Tag|Untag)[A-Za-z*]*)$/i;
const healthCheckWrite = /^route53:(\*|(Create|Update|Delete|Change)\*|(Create|Update|Delete)HealthCheck\*?)$/i;
const exportsRead =
  /^cloudformation:(\*|(List|Describe|Get)\*|ListExports|ListImports|DescribeStacks|DescribeStackResources?)$/i;

function rights(plan: Plan, template: Template): Weakness[] {
  return rightsIn(template).flatMap((right) => judgeRight(plan, right));
}

function judgeRight(plan: Plan, { owner, action }: Right): Weakness[] {
  const weaknesses: Weakness[] = [];
  if (action === '*' || iamWrite.test(action)) {
    weaknesses.push(
      error('iam-write', owner, {
        depends: `what assumes ${owner} depends on ${action}`,
        reason: 'IAM is written in us-east-1 only: when that region is impaired, no role, policy or key can be changed',
        fix: 'create roles and policies at deployment, and take the right away',
      }),
    );
  }
  if (healthCheckWrite.test(action)) {
    weaknesses.push(
      error('health-check-write', owner, {
        depends: `what assumes ${owner} depends on ${action}`,
        reason:
          'health checks are changed in us-east-1 only, and a new one counts as healthy until it was asked (inverted: as failed)',
        fix: 'create health checks at deployment; a failover changes what they look at',
      }),
    );
  }
  for (const { actions, name, region } of singleRegion) {
    if (!actions.test(action)) continue;
    const make = mainRegions(plan).includes(region) ? error : warning;
    weaknesses.push(
      make('single-region-control-plane', owner, {
        depends: `what assumes ${owner} depends on ${action}`,
        reason: `the control plane of ${name} stands in ${region}`,
        fix: 'set it up at deployment, or use a data plane that each region has',
      }),
    );
  }
  if (exportsRead.test(action)) {
    weaknesses.push(
      error('reads-cloudformation', owner, {
        depends: `what assumes ${owner} depends on ${action}`,
        reason: 'names and addresses are asked of a control plane while a region is being recovered',
        fix: 'hand them over as environment variables at deployment',
      }),
    );
  }
  return weaknesses;
}

/** Calls that a state machine makes itself, without a function. */
const directCalls: readonly { readonly call: RegExp; readonly id: string; readonly what: string }[] = [
  {
    call: /aws-sdk:iam:(create|delete|update|put|attach|detach|add|remove)\w*/i,
    id: 'iam-write',
    what: 'IAM is written in us-east-1 only',
  },
  {
    call: /aws-sdk:route53:(create|update|delete)HealthCheck/i,
    id: 'health-check-write',
    what: 'health checks are changed in us-east-1 only',
  },
  { call: /aws-sdk:cloudformation:(list|describe)\w*/i, id: 'reads-cloudformation', what: 'it is a control plane' },
];

function machines(template: Template): Weakness[] {
  return ofType(template, 'AWS::StepFunctions::StateMachine').flatMap(([name, { Properties }]) => {
    const text = textsIn([Properties['DefinitionString'], Properties['Definition']]).join('\n');
    return directCalls.flatMap(({ call, id, what }): Weakness[] => {
      const [found] = call.exec(text) ?? [];
      if (found === undefined) return [];
      return [
        error(id, name, {
          depends: `a state of ${name} depends on ${found}`,
          reason: `${what}, and a recovery must not wait for it`,
          fix: 'do it at deployment',
        }),
      ];
    });
  });
}

function state(plan: Plan, template: Template): Weakness[] {
  const { primary, standby, witness } = plan.roles;
  const single = ofType(template, 'AWS::DynamoDB::Table').map(([name]) =>
    error('state-in-one-region', name, {
      depends: `lock, epoch and approvals depend on ${name}, a table of one region`,
      reason: 'a region that is lost takes the state of its own recovery with it',
      fix: `make it an AWS::DynamoDB::GlobalTable in ${primary} and ${standby} with ${witness} as witness`,
    }),
  );
  const global = ofType(template, 'AWS::DynamoDB::GlobalTable').flatMap(([name, { Properties }]) => {
    const weaknesses: Weakness[] = [];
    if (Properties['MultiRegionConsistency'] !== 'STRONG') {
      weaknesses.push(
        error('state-eventually-consistent', name, {
          depends: `lock and epoch depend on ${name}, which settles conflicts by the last writer`,
          reason: 'two regions can both win a conditional write, and both act',
          fix: 'set MultiRegionConsistency: STRONG; the table has to be empty, and it cannot be changed later',
        }),
      );
    }
    const replicas = regionsOf(Properties['Replicas']);
    const witnesses = regionsOf(Properties['GlobalTableWitnesses']);
    const missing = [primary, standby].filter((region) => replicas !== null && !replicas.includes(region));
    const third = [...(replicas ?? []), ...(witnesses ?? [])];
    if (replicas !== null && witnesses !== null && !third.includes(witness)) missing.push(witness);
    for (const region of missing) {
      weaknesses.push(
        error('state-not-there', name, {
          depends: `the stack's state depends on ${name}, which has ${region === witness ? 'no third opinion' : 'no replica'} in ${region}`,
          reason: 'with one region lost, what is left must still be a majority and must hold the state',
          fix: region === witness ? `name ${region} under GlobalTableWitnesses` : `name ${region} under Replicas`,
        }),
      );
    }
    return weaknesses;
  });
  return [...single, ...global];
}

/** The regions of a list of replicas or witnesses; null where one cannot be told. */
function regionsOf(list: unknown): string[] | null {
  const found = listOf(list).map((one) => (isRecord(one) ? one['Region'] : undefined));
  return found.every((region) => typeof region === 'string') ? found : null;
}

/** Route 53 is one for all regions: what is created there may be in the primary's template alone. */
function latch(plan: Plan, template: Template, region: string | null): Weakness[] {
  if (plan.redirection.mode !== 'latch') return [];
  const checks = ofType(template, 'AWS::Route53::HealthCheck');
  const config = (properties: Readonly<Record<string, unknown>>) =>
    isRecord(properties['HealthCheckConfig']) ? properties['HealthCheckConfig'] : {};
  const weaknesses: Weakness[] = [];
  if (checks.length === 0) {
    const elsewhere = region !== null && region !== plan.roles.primary;
    if (elsewhere) return unchecked(template);
    weaknesses.push({
      ...error('no-health-check', 'none', {
        depends: 'moving users depends on health checks that look at the latch, and the template has none',
        reason: 'they would have to be created during the failover, in us-east-1, and would begin as healthy',
        fix: 'add an AWS::Route53::HealthCheck for each latch, with Inverted: true',
      }),
      where: { plan: ['redirection', 'mode'] },
    });
  } else if (!checks.some(([, { Properties }]) => config(Properties)['Inverted'] === true)) {
    const [[name] = ['']] = checks;
    weaknesses.push(
      error('latch-not-inverted', name, {
        depends: `moving users depends on ${name} failing when the latch is closed, and no health check is inverted`,
        reason: 'an object that can be read makes a check healthy: closing the latch would keep users where they are',
        fix: 'set Inverted: true in the HealthCheckConfig of the check that the record has',
      }),
    );
  }
  return [...weaknesses, ...unchecked(template)];
}

/** Primary records that nothing takes away. */
function unchecked(template: Template): Weakness[] {
  const weaknesses: Weakness[] = [];
  for (const [name, { Properties }] of ofType(template, 'AWS::Route53::RecordSet')) {
    if (Properties['Failover'] !== 'PRIMARY' || Properties['HealthCheckId'] !== undefined) continue;
    weaknesses.push(
      error('record-without-health-check', name, {
        depends: `moving users depends on the failover record ${name}, which has no health check`,
        reason: 'a primary record without one is always answered',
        fix: 'set HealthCheckId to the health check of the latch',
      }),
    );
  }
  return weaknesses;
}

function alarms(plan: Plan, template: Template): Weakness[] {
  const main = mainRegions(plan);
  const onChecks = ofType(template, 'AWS::CloudWatch::Alarm').flatMap(([name, { Properties }]) => {
    const metrics = listOf(Properties['Metrics']).map((one) =>
      isRecord(one) && isRecord(one['MetricStat']) && isRecord(one['MetricStat']['Metric'])
        ? one['MetricStat']['Metric']['Namespace']
        : undefined,
    );
    if (![Properties['Namespace'], ...metrics].includes('AWS/Route53') || !main.includes('us-east-1')) return [];
    return [
      warning('alarm-on-health-check', name, {
        depends: `${name} depends on metrics of Route 53 health checks, which are in us-east-1`,
        reason: 'us-east-1 would judge itself: when it is lost, the alarm is too',
        fix: 'let canaries in the observer regions say whether users are served',
      }),
    ];
  });
  const onAlarms = ofType(template, 'AWS::Route53::HealthCheck').flatMap(([name, { Properties }]) => {
    const config = isRecord(Properties['HealthCheckConfig']) ? Properties['HealthCheckConfig'] : {};
    if (config['Type'] !== 'CLOUDWATCH_METRIC') return [];
    const identifier = isRecord(config['AlarmIdentifier']) ? config['AlarmIdentifier']['Region'] : undefined;
    const inMain = typeof identifier !== 'string' || main.includes(identifier);
    if (!inMain) return [];
    return [
      error('health-check-on-alarm', name, {
        depends: `${name} depends on a CloudWatch alarm in ${typeof identifier === 'string' ? identifier : 'the region that is judged'}`,
        reason: 'it follows the data of a region that may be gone, and no one can force it',
        fix: 'let it look at the latch, an object outside the region that is given up',
      }),
    ];
  });
  return [...onChecks, ...onAlarms];
}

/** What a recovery of the primary needs in the standby's stack. */
const neededInBoth: Readonly<Record<string, string>> = {
  'AWS::ApiGatewayV2::Api': 'the approval page',
  'AWS::SNS::Topic': 'telling people',
  'AWS::KMS::Key': 'reading what is encrypted',
  'AWS::SecretsManager::Secret': 'signing and checking links',
  'AWS::StepFunctions::StateMachine': 'the flow',
  'AWS::Lambda::Function': 'a step of the flow',
  'AWS::SQS::Queue': 'classifying',
  'AWS::Events::EventBus': 'hearing of the application',
  'AWS::Events::Rule': 'hearing of the outage',
};

function onlyInPrimary(plan: Plan, template: Template): Weakness[] {
  const { primary, standby } = plan.roles;
  return ofType(template, ...Object.keys(neededInBoth)).flatMap(([name, resource]) => {
    if (!existsIn(template, resource, primary) || existsIn(template, resource, standby)) return [];
    return [
      error('only-in-primary', name, {
        depends: `${neededInBoth[resource.Type]} depends on ${name}, which only ${primary} has`,
        reason: 'a recovery runs in the region that takes over: what it needs has to be there',
        fix: `deploy it to both regions: drop the condition ${resource.Condition}`,
      }),
    ];
  });
}

/** Properties whose text, where it names another main region, ties a region's stack to that one. */
function fixedElsewhere(plan: Plan, template: Template, region: string | null): Weakness[] {
  const elsewhere = region === null ? [plan.roles.primary] : mainRegions(plan).filter((one) => one !== region);
  const places = [
    ...ofType(template, 'AWS::SNS::Topic').map(
      ([name, { Properties }]) => [name, 'its key', Properties['KmsMasterKeyId']] as const,
    ),
    ...ofType(template, 'AWS::SQS::Queue').map(
      ([name, { Properties }]) => [name, 'its key', Properties['KmsMasterKeyId']] as const,
    ),
    ...ofType(template, 'AWS::Lambda::Function').flatMap(([name, resource]) => {
      const variables = environmentOf(resource);
      const code = isRecord(resource.Properties['Code']) ? resource.Properties['Code']['ImageUri'] : undefined;
      return [
        [name, 'the approval page', variables['BREAKWATER_PAGE_URL']] as const,
        [name, 'the key of links', variables['BREAKWATER_LINK_KEY']] as const,
        [name, 'its image', code] as const,
      ];
    }),
  ];
  return places.flatMap(([name, what, value]) => {
    const named = elsewhere.find((one) => textsIn(value).some((text) => text.includes(one)));
    if (named === undefined) return [];
    return [
      error('fixed-elsewhere', name, {
        depends: `${name} depends on ${what} in ${named}, ${region === null ? 'in whichever region it is deployed' : `from ${region}`}`,
        reason: 'a region that takes over would ask the one that is lost',
        fix: 'refer to the resource of the same stack instead of a fixed address',
      }),
    ];
  });
}

/** The framework exports its bucket in every stack, and nothing imports that: nobody who deploys can do anything about it. */
const frameworksOwn = 'ServerlessDeploymentBucketName';

function exportsAndImports(template: Template): Weakness[] {
  const imports = Object.entries(template.Resources).flatMap(([name, { Properties }]) =>
    uses(Properties, 'Fn::ImportValue')
      ? [
          error('cloudformation-import', name, {
            depends: `${name} depends on a value that another stack exports`,
            reason:
              'while that stack cannot be changed, or is rolled back, neither can this one: no repair in an outage',
            fix: 'hand the value over as a parameter',
          }),
        ]
      : [],
  );
  const exports = Object.entries(template.Outputs).flatMap(([name, output]) =>
    output['Export'] === undefined || name === frameworksOwn
      ? []
      : [
          warning('cloudformation-export', name, {
            depends: `stacks that import the output ${name} depend on this one`,
            reason: 'an exported value can be neither changed nor removed while another stack imports it',
            fix: 'take the export away, and hand the value over as a parameter',
          }),
        ],
  );
  return [...imports, ...exports];
}

function globalSts(template: Template): Weakness[] {
  return ofType(template, 'AWS::Lambda::Function').flatMap(([name, resource]) => {
    const variables = environmentOf(resource);
    const asks = textsIn(variables).some((text) => /(^|\/\/)sts\.amazonaws\.com/.test(text));
    if (variables['AWS_STS_REGIONAL_ENDPOINTS'] !== 'legacy' && !asks) return [];
    return [
      error('global-sts', name, {
        depends: `the credentials of ${name} depend on sts.amazonaws.com, which is served from us-east-1`,
        reason: 'with that region go all sessions that have to be renewed; each region has an endpoint of its own',
        fix: 'set AWS_STS_REGIONAL_ENDPOINTS to regional, or leave it out',
      }),
    ];
  });
}

type Words = Pick<Weakness, 'depends' | 'reason' | 'fix'>;

function error(id: string, resource: string, words: Words): Weakness {
  return { id, severity: 'error', where: { resource }, ...words };
}

function warning(id: string, resource: string, words: Words): Weakness {
  return { id, severity: 'warning', where: { resource }, ...words };
}
