// What can go wrong while a recovery is at work, beside what a history of the judgement has: calls and functions of the flows, data and
// backups, what would take over, and the place of the latch.
import { assetsOf, type Kind } from '../../functions/domain/plan/assets.ts';
import type { Fault } from '../estate/types.ts';
import { type Draw, for_, lone, type Maker, one, type Part } from '../histories/histories.ts';

/** Services that flows call, with what they ask of them; some are called for assets of a kind alone. */
const called: readonly { readonly service: string; readonly operations: readonly string[]; readonly needs?: Kind }[] = [
  {
    service: 'rds',
    operations: ['*', 'DescribeDBInstances', 'RebootDBInstance', 'PromoteReadReplica', 'ModifyDBInstance'],
    needs: 'rds-instance',
  },
  {
    service: 'elasticache',
    operations: ['*', 'DescribeReplicationGroups', 'ModifyReplicationGroup', 'FailoverGlobalReplicationGroup'],
    needs: 'elasticache',
  },
  { service: 'eks', operations: ['*', 'DescribeCluster'], needs: 'eks-cluster' },
  { service: 'arc-zonal-shift', operations: ['*', 'StartZonalShift', 'UpdateZonalShift', 'CancelZonalShift'] },
  { service: 'route-53', operations: ['*', 'ListResourceRecordSets'] },
  { service: 's3', operations: ['*', 'PutObject', 'GetObject'] },
  { service: 'ssm', operations: ['*', 'GetParameters', 'PutParameter'] },
  { service: 'dynamodb', operations: ['*', 'UpdateItem', 'PutItem', 'TransactWriteItems', 'Query'] },
  { service: 'sns', operations: ['Publish'] },
  { service: 'sfn', operations: ['*', 'StartExecution', 'DescribeExecution'] },
  { service: 'cloudwatch', operations: ['*', 'GetMetricData'] },
];

/** Functions of flows that no asset has. */
const functions = [
  'assess',
  'classify',
  'diagnose',
  'move-role',
  'notify',
  'pause',
  'record-failover',
  'record-recovery',
  'redirect-users',
  'release-lock',
  'report-failure',
  'request-approval',
  'sweep',
  'take-lock',
  'verify-region',
  'verify-service',
  'watch-fence',
  'watch-incident',
  'watch-zone',
] as const;
const verbs = ['leave-zone', 'fence', 'catch-up', 'take-over', 'verify'] as const;

/** What happens to recoveries. */
export const troubles: readonly Maker[] = [
  { weight: 5, make: failingCalls },
  { weight: 4, make: crashes },
  { weight: 1, make: staleReads },
  { weight: 1, make: latchLost },
  {
    weight: 1,
    make: (draw) => lone({ kind: 'functions-inactive', region: mainOf(draw), ...for_(draw.seconds(60, 900)) }),
  },
  { weight: 1, make: messages },
];

/** What is wrong with data, with backups and with what would take over. */
export const weaknesses: readonly Maker[] = [
  {
    weight: 2,
    needs: 'rds-instance',
    make: (draw) => ofDatabase(draw, { kind: 'data-corrupted', failing: draw.pick([0, 0.3, 0.6]), corrected: true }),
  },
  { weight: 1, needs: 'rds-instance', make: (draw) => ofDatabase(draw, { kind: 'rows-lost' }) },
  { weight: 1, needs: 'rds-instance', make: (draw) => ofDatabase(draw, { kind: 'backup-replication-stopped' }) },
  {
    weight: 1,
    needs: 'rds-instance',
    make: (draw) => ofDatabase(draw, { kind: 'snapshot-missing', region: mainOf(draw) }),
  },
  {
    weight: 1,
    needs: 'rds-instance',
    make: (draw) =>
      lone({
        kind: 'restore-fails',
        ...(draw.happens(0.5) ? { ends: 'incompatible-restore' } : { error: 'DBSubnetGroupNotFoundFault' }),
        region: mainOf(draw),
        ...for_(draw.seconds(600, 5_000)),
      }),
  },
  { weight: 2, needs: 'rds-instance', make: (draw) => ofDatabase(draw, { kind: 'replica-broken' }) },
  {
    weight: 1,
    needs: 'rds-instance',
    make: (draw) => lone({ kind: 'standby-bad', ...for_(draw.seconds(300, 2_400)) }),
  },
  {
    weight: 1,
    needs: 'elasticache',
    make: (draw) =>
      lone({
        kind: 'cache-exports-stopped',
        asset: one('elasticache', draw.plan, draw.pick),
        hoursAgo: draw.pick([1, 30]),
        ...for_(draw.seconds(600, 2_400)),
      }),
  },
];

/** The primary region goes, and comes back at any moment of its failover. */
export const losses: readonly Maker[] = [
  { weight: 3, make: (draw) => lone({ kind: 'region-dark', ...for_(draw.seconds(240, 3_000)) }) },
  { weight: 1, make: returnsTwice },
];

function mainOf({ plan, pick }: Draw): string {
  return pick([plan.roles.primary, plan.roles.standby]);
}

function ofDatabase(
  { plan, pick, seconds }: Draw,
  fault:
    | { readonly kind: 'data-corrupted'; readonly failing: number; readonly corrected: true }
    | { readonly kind: 'rows-lost' | 'backup-replication-stopped' | 'replica-broken' }
    | { readonly kind: 'snapshot-missing'; readonly region: string },
): Part {
  return lone({ ...fault, asset: one('rds-instance', plan, pick), ...for_(seconds(300, 2_400)) });
}

function returnsTwice({ seconds }: Draw): Part {
  const [dark, light] = [seconds(120, 1_200), seconds(30, 600)];
  return {
    faults: [
      { after: 0, fault: { kind: 'region-dark', ...for_(dark) } },
      { after: dark + light, fault: { kind: 'region-dark', ...for_(seconds(120, 1_500)) } },
    ],
  };
}

/** A refusal as services make it: in a name of their own, or by IAM. */
function failureOf({ pick }: Draw) {
  return pick([
    { error: 'throttle' },
    { error: 'internal' },
    { error: 'timeout' },
    { error: 'timeout-after-acting' },
    { error: 'deny' },
    { error: 'refuse', name: 'ValidationException', status: 400, message: 'not now' },
  ] as const);
}

function failingCalls(draw: Draw): Part {
  const { plan, pick, happens, seconds } = draw;
  const possible = called.filter(({ needs }) => needs === undefined || assetsOf(needs, plan).length > 0);
  const { service, operations } = pick(possible);
  const often = happens(0.6) ? { after: pick([0, 0, 1, 2, 5]), times: seconds(1, 40) } : {};
  const region = happens(0.6) ? { region: mainOf(draw) } : {};
  return lone({
    kind: 'api-failure',
    service,
    operation: pick(operations),
    ...failureOf(draw),
    ...region,
    ...often,
    ...for_(seconds(60, 1_800)),
  });
}

/** A function is killed, and what it has done stands or does not. */
function crashes(draw: Draw): Part {
  const { plan, pick, happens, seconds } = draw;
  const ofKinds = [...new Set(plan.assets.map(({ kind }) => kind))].flatMap((kind) =>
    verbs.map((verb) => `${kind}-${verb}`),
  );
  const name = happens(0.5) ? pick(functions) : pick(ofKinds);
  const when = pick(['before', 'after', 'after'] as const);
  const region = happens(0.3) ? { region: mainOf(draw) } : {};
  const often = { after: pick([0, 0, 0, 1, 3]), times: seconds(1, 8) };
  return lone({ kind: 'function-crash', function: name, when, ...often, ...region });
}

function staleReads({ plan, pick, seconds }: Draw): Part {
  const [service, operation] = pick([
    ...(assetsOf('rds-instance', plan).length > 0 ? [['rds', 'DescribeDBInstances'] as const] : []),
    ...(assetsOf('elasticache', plan).length > 0 ? [['elasticache', 'DescribeReplicationGroups'] as const] : []),
    ['cloudwatch', 'DescribeAlarms'] as const,
  ]);
  return lone({ kind: 'stale-reads', service, operation, ...for_(seconds(60, 900)) });
}

function latchLost({ plan, pick, seconds }: Draw): Part {
  const buckets = Object.values(plan.redirection.latchBuckets).flatMap((places) => Object.values(places));
  const faults =
    buckets.length === 0 ? [] : [{ after: 0, fault: { kind: 'bucket-lost', bucket: pick(buckets) } as const }];
  return { faults: faults.map((one) => ({ ...one, fault: { ...one.fault, ...for_(seconds(300, 1_800)) } })) };
}

/** What is told comes late, twice, out of its order or not at all, for longer than in the judgement. */
function messages({ pick, seconds }: Draw): Part {
  const effect = pick(['lost', 'late', 'doubled'] as const);
  const late: Partial<Extract<Fault, { kind: 'message-fault' }>> =
    effect === 'late' ? { lateSeconds: seconds(5, 900) } : {};
  const what = pick(['event', 'message', 'notification'] as const);
  return lone({
    kind: 'message-fault',
    what,
    effect,
    ...late,
    after: seconds(1, 30),
    times: seconds(1, 60),
    ...for_(seconds(60, 1_200)),
  });
}
