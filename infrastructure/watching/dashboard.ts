// The dashboard of a main stack: what does it believe, what does it do, could it take over, how far is the replica behind,
// how long did it take. Its figures are the functions' own, and AWS's.
import { scheduledIn } from '../../functions/domain/drills/plan.ts';
import { drillOutcomes } from '../../functions/domain/drills/record.ts';
import { indicationNames } from '../../functions/domain/evidence/indications.ts';
import { clocksOfFlow, metricOf } from '../../functions/domain/figures.ts';
import { machineName, machines } from '../../functions/domain/flows.ts';
import { assetsOf, kindNames, saidOf } from '../../functions/domain/plan/assets.ts';
import { withRunbook } from '../../functions/domain/words/words.ts';
import { type Resources, sub } from '../template.ts';
import type { Stack } from '../values.ts';
import { mainAlarms } from './automation-alarms.ts';

type Widget = { readonly type: string; readonly width: number; readonly height: number; readonly properties: object };
type Line = readonly (string | object)[];

const actions = ['none', 'notify', 'az-failover', 'request-approval', 'hold'];

/** Named after its region: dashboards have one set of names in an account, wherever they are made. */
export function dashboard(stack: Stack): Resources {
  const { prefix, plan, region, tells } = stack;
  const [peer = region] = tells;
  const widgets: Widget[] = [
    note(stack),
    alarms(
      'The automation itself',
      Object.values(mainAlarms(stack)).map(({ Properties }) => String(Properties['AlarmName'])),
    ),
    graph(stack, 'Incidents', 'Sum', [[prefix, 'Incidents']]),
    graph(
      stack,
      'Decisions',
      'Sum',
      actions.map((action) => [prefix, 'Decisions', 'Action', action, { label: action }]),
    ),
    graph(
      stack,
      'Decisions by what was found',
      'Sum',
      indicationNames.map((indication) => [prefix, 'Indications', 'Indication', indication, { label: indication }]),
    ),
    graph(stack, `Checks of ${region} that are not ready`, 'Maximum', [[prefix, 'ReadinessLost', 'Region', region]]),
    ...graphsOfKinds(stack),
    ...graphsOfClocks(stack),
    ...graphsOfDrills(stack),
    graph(stack, 'Heartbeats that arrive here', 'Sum', [
      [prefix, 'Heartbeat', 'Region', region],
      [prefix, 'Heartbeat', 'Region', peer],
    ]),
    graph(
      stack,
      `Control planes of ${peer}, as seen from here`,
      'Minimum',
      plan.dependencies.hard.map((service) => [
        prefix,
        'Probe',
        'Service',
        service,
        'Region',
        peer,
        { label: service },
      ]),
    ),
    graph(
      stack,
      'The service, as observers see it',
      'Minimum',
      plan.roles.observers.map((observer) => [prefix, 'Canary', 'Observer', observer, { region: observer }]),
    ),
    graph(stack, 'Signals that wait', 'Maximum', [
      ['AWS/SQS', 'ApproximateNumberOfMessagesVisible', 'QueueName', `${prefix}-signals`],
      ['AWS/SQS', 'ApproximateAgeOfOldestMessage', 'QueueName', `${prefix}-signals`, { yAxis: 'right' }],
    ]),
    graph(
      stack,
      'Executions that began',
      'Sum',
      machines.map((flow) => [
        'AWS/States',
        'ExecutionsStarted',
        'StateMachineArn',
        `arn:\${AWS::Partition}:states:${region}:\${AWS::AccountId}:stateMachine:${machineName(flow, prefix)}`,
        { label: flow },
      ]),
    ),
  ];
  return {
    Dashboard: {
      Type: 'AWS::CloudWatch::Dashboard',
      Properties: {
        DashboardName: `${prefix}-${region}`,
        DashboardBody: sub(JSON.stringify({ start: '-PT12H', widgets })),
      },
    },
  };
}

/** What the kinds that the plan uses have drawn. */
function graphsOfKinds(stack: Stack): Widget[] {
  const { plan } = stack;
  return kindNames.flatMap((kind) => {
    const assets = assetsOf(kind, plan);
    const drawn = assets.length === 0 ? undefined : saidOf({ kind }).graph?.(assets, plan);
    if (drawn === undefined) return [];
    const lines = drawn.lines.map(({ metric: { namespace, name, dimensions, stat }, region, label }): Line => {
      const labelled = label === undefined ? {} : { label };
      return [namespace, name, ...Object.entries(dimensions).flat(), { region, stat, ...labelled }];
    });
    return [graph(stack, drawn.title, 'Maximum', lines, objective(drawn.objective, stack))];
  });
}

const movers = Object.keys(clocksOfFlow) as (keyof typeof clocksOfFlow)[];

/** The clocks of each flow that moves something, as its record has them, and what each lost, beside what the plan allows. */
function graphsOfClocks(stack: Stack): Widget[] {
  const { prefix, plan } = stack;
  const { rtoSeconds, mttrSeconds } = plan.objectives;
  const line = (flow: string, clock: string): Line => [prefix, metricOf(clock), 'Flow', flow];
  const allowed = [
    { value: rtoSeconds, label: 'RTO' },
    { value: mttrSeconds, label: 'MTTR' },
  ];
  const loss = 'dataLossSeconds';
  return [
    ...movers.map((flow) => {
      const clocks = clocksOfFlow[flow].filter((clock) => clock !== loss);
      const lines = clocks.map((clock) => [...line(flow, clock), { label: clock.replace('Seconds', '') }]);
      return graph(stack, `Clocks of ${flow}, seconds`, 'Maximum', lines, { horizontal: allowed });
    }),
    graph(
      stack,
      'Data lost, seconds',
      'Maximum',
      movers.map((flow) => [...line(flow, loss), { label: flow }]),
      objective('RPO', stack),
    ),
    graph(stack, 'Incidents, seconds from the first evidence until all was well', 'Maximum', [
      [prefix, 'LastedSeconds'],
    ]),
  ];
}

/** What the plan's drills have come to, and how long each took beside what it may take. */
function graphsOfDrills(stack: Stack): Widget[] {
  const { prefix, plan } = stack;
  const drills = scheduledIn(plan);
  if (drills.length === 0) return [];
  const allowed = drills.map(({ name, withinSeconds }) => ({ value: withinSeconds, label: name }));
  return [
    graph(
      stack,
      'Drills, seconds until all was well',
      'Maximum',
      drills.map(({ name }) => [prefix, 'DrillRecoverySeconds', 'Drill', name, { label: name }]),
      { horizontal: allowed },
    ),
    graph(
      stack,
      'Drills by what they came to',
      'Sum',
      drillOutcomes.map((outcome) => [prefix, 'Drills', 'Outcome', outcome, { label: outcome }]),
    ),
  ];
}

function objective(label: 'RPO' | 'RTO', { plan: { objectives } }: Stack) {
  return { horizontal: [{ value: label === 'RPO' ? objectives.rpoSeconds : objectives.rtoSeconds, label }] };
}

function note({ plan, region, prefix }: Stack): Widget {
  const markdown = [
    `# ${prefix} in ${region}`,
    `Protects ${plan.application}: from ${plan.roles.primary} to ${plan.roles.standby} when the plan was written;`,
    '`npm run status` says who is primary now. `npm run freeze` stops what has not begun. What to do: docs/runbook.md.',
  ].join('\n');
  return { type: 'text', width: 12, height: 4, properties: { markdown: withRunbook(markdown, plan) } };
}

function alarms(title: string, names: readonly string[]): Widget {
  const arn = (name: string) => `arn:\${AWS::Partition}:cloudwatch:\${AWS::Region}:\${AWS::AccountId}:alarm:${name}`;
  return { type: 'alarm', width: 12, height: 4, properties: { title, alarms: names.map(arn) } };
}

function graph({ region }: Stack, title: string, stat: string, metrics: readonly Line[], annotations?: object): Widget {
  const properties = {
    title,
    region,
    stat,
    period: 60,
    view: 'timeSeries',
    metrics,
    ...(annotations && { annotations }),
  };
  return { type: 'metric', width: 12, height: 6, properties };
}
