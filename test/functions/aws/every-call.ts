// A process of its own that makes every call to AWS that functions/aws, the kinds and the command line can make, once, and says where its
// sockets went. Run by endpoint.test.ts; the answers do not matter.
import { globSync } from 'node:fs';
import { Socket } from 'node:net';
import { join } from 'node:path';
import { stdout } from 'node:process';
import { replicaLag } from '../../../functions/kinds/rds-instance/says/watch.ts';

const elsewhere: string[] = [];
const { connect } = Socket.prototype;
Socket.prototype.connect = function (this: Socket, ...args: unknown[]) {
  const [options] = (Array.isArray(args[0]) ? args[0] : args) as { host?: string; path?: string }[];
  const host = options?.host ?? options?.path ?? 'localhost';
  if (host !== '127.0.0.1') {
    elsewhere.push(host);
    return this.destroy(new Error(`${host} is no stand-in`));
  }
  return Reflect.apply(connect, this, args) as Socket;
} as typeof connect;

const region = 'us-east-1';
const plan = { roles: { primary: region } };
const mapping = { what: 'mapping', uuid: 'u', function: 'f' };
const known = { cluster: 'c', database: 'd', cache: 'e', table: 't' };
const probed = ['ec2', 'eks', 'elb', 'rds', 'elasticache', 'sts', 'dynamodb'];
const tell = () => undefined;
const typed = { answer: 'approve', region, unfenced: '', reason: '' };
const database = {
  ...{ region, engine: 'postgres', host: 'h.invalid', port: 1, secret: 's' },
  data: { database: 'd', statementTimeoutSeconds: 1 },
};
const page = `${process.env['AWS_ENDPOINT_URL']}/page`;

const unset = { capacityReservation: null, iops: null, storageThroughput: null, maxAllocatedGib: null };
const wanted = { securityGroups: [], logExports: [], tags: {}, ...unset };
const toRestore = { instance: 'd', wanted, zoneName: null };
const group = { name: 'g', securityGroups: [], tags: {}, objects: [] };

/** The arguments of each function that calls AWS, several where it calls several services; null for one that calls nobody. */
const calls: Readonly<Record<string, Readonly<Record<string, readonly unknown[][] | null>>>> = {
  'looking/alarms': { listAlarms: [[region, 'chatops-']] },
  '../../cli/deployed/send-answer': { sendAnswer: [[region, page, 'request-1', typed]] },
  'workloads/builds': {
    startBuild: [[region, { project: 'p', token: 't', variables: {} }]],
    buildStatus: [[region, 'b']],
    buildsOf: [[region, 'p']],
    describeBuild: [[region, 'b']],
  },
  '../../cli/deployed/caller': { readCaller: [[region]] },
  'calls/client': { oneForEachRegion: null },
  'looking/control-planes': {
    ControlPlaneClient: null,
    callControlPlane: probed.map((service) => [region, service, known]),
  },
  'traffic/dns': {
    describeRecord: [['Z1', 'r']],
    readTargets: [['Z1', 'r']],
    listHealthChecks: [[]],
    pointRecord: [[{ hostedZone: 'Z1', record: 'r', to: 't', ttlSeconds: 60 }]],
    isInSync: [['C1']],
  },
  'calls/endpoint': { endpointOf: null, regionalHost: null },
  events: { putEvent: [[region, 'bus', { source: 's', detailType: 't', detail: {}, at: 0 }]] },
  'workloads/clusters': { apiServer: [[region, 'c']], createServerFinder: null },
  'workloads/ecs': {
    describeService: [[region, { cluster: 'c', service: 's' }]],
    setTasks: [[region, { cluster: 'c', service: 's' }, 2]],
  },
  'flows/executions': {
    startExecution: [[region, 'arn:m', 'n', '{}']],
    sendTaskSuccess: [[region, 'token', '{}']],
    redriveExecution: [[region, 'arn:e']],
    stopExecution: [[region, 'arn:e', 'c']],
  },
  experiments: {
    FisClient: null,
    startExperiment: [[region, 'EXT1', 't']],
    seeExperiment: [[region, 'EXP1']],
    stopExperiment: [[region, 'EXP1']],
  },
  'calls/faults': {
    calling: null,
    callingEach: null,
    faultName: null,
    faultStatus: null,
    isOnlyAnswer: null,
    translate: null,
  },
  'traffic/latch': {
    isLatched: [[region, 'b', region]],
    closeLatch: [[region, 'b', region, '']],
    openLatch: [[region, 'b', region]],
    writeReadable: [[region, 'b']],
  },
  'looking/changes': {
    ChangesClient: null,
    callsThatChanged: [[region, 0, 1, () => false]],
    serviceEvents: ['rds', 'elasticache'].map((service) => [service, region, 0, 1]),
    groupActivities: [[region, 0, 1]],
  },
  'looking/lookups': {
    LookupClient: null,
    keyState: [[region, 'k']],
    isSecret: [[region, 's']],
    parameterType: [[region, 'p']],
    isSecurityGroup: [[region, 'sg-1']],
    isCallable: [[region, 'f']],
    vcpusOf: [[region, ['m6i.xlarge']]],
    hasImages: [[{ registry: '111122223333', region, repository: 'r', images: ['1'] }]],
    roomOf: [[region, 'c', 'g']],
    clusterOf: [[region, 'c']],
    quotaOf: [[region, 'ec2', 'L-1216C47A']],
    trustOf: [['path/r']],
  },
  messages: { publish: [[region, 'arn:t', 's', 'b']], hearersOf: [[region, 'arn:t']], smsAllowed: [[region]] },
  'looking/metrics': {
    readLag: [[region, replicaLag('r'), 0, 1]],
    readCounts: [[region, [replicaLag('r')], 0, 1]],
    readNewest: [[region, replicaLag('r'), 0, 1]],
    readValues: [[region, replicaLag('r'), 0, 1]],
    writeMeasures: [[region, 'n', [{ metric: 'm', dimensions: {}, value: 1 }], 0]],
  },
  objects: {
    seeObject: [[{ region, bucket: 'b', key: 'k' }]],
    isListed: [[{ region, bucket: 'b', key: 'k' }]],
    readObject: [[{ region, bucket: 'b', key: 'k' }]],
    writeObject: [[{ region, bucket: 'b', key: 'k' }, 'x', 'text/plain']],
  },
  parameters: { readSecretParameter: [[region, 'p']] },
  queue: { sendDelayed: [[{ region, account: '111122223333', name: 'q' }, '{}', 1]] },
  'calls/request-ids': { noteAnswered: null, noteRequestId: null, noteRequestIds: null },
  secrets: {
    readSecret: [[region, 'arn:s']],
    readPendingSecret: [[region, 'arn:s', 'v'.repeat(32)]],
    keepPendingSecret: [[region, 'arn:s', 'v'.repeat(32), 'x']],
    secretVersions: [[region, 'arn:s']],
    useSecretVersion: [[region, 'arn:s', 'v'.repeat(32), 'w'.repeat(32)]],
  },
  // Its server is the cluster's own, and none of AWS's.
  'workloads/kubernetes': {
    KubernetesClient: null,
    KubernetesFault: null,
    list: null,
    listMetadata: null,
    readScale: null,
    setReplicas: null,
    isSuspended: null,
    suspendCronJob: null,
    deletePod: null,
  },
  'calls/signing': { presign: null, sign: null },
  // Each asks for the credentials of its role first, and ends there.
  'sql/sql': {
    SqlClient: null,
    lookAt: [[database, []]],
    expectWritable: [[database, region, 0]],
    watermarkOf: [[database, { name: 't', key: 'k' }]],
    warmOn: [[database, { name: 't', key: 'k' }, null, 0]],
    keepBeatIn: [[database, { id: 1, at: 0 }]],
    readLedgerOf: [[database, 1]],
    newerIn: [[database, { name: 't', key: 'k' }, { key: null, at: null }, 1]],
    rowsOf: [[database, { name: 't', key: 'k' }, ['1']]],
  },
  'calls/signed': { ServiceFault: null, callSigned: null },
  'sql/faults': { SqlFault: null, askingSql: null, faultFrom: null },
  '../../cli/deployed/stacks': { readOutput: [[region, 's', 'o']], readStackStatus: [[region, 's']] },
  'workloads/switches': {
    SwitchClient: null,
    describeMapping: [[region, 'u']],
    switchMapping: [[region, 'u', true]],
    describeSchedule: [[region, { group: 'g', name: 's' }, 0]],
    switchSchedule: [[region, { group: 'g', name: 's' }, true, 0]],
    describeRule: [[region, { bus: 'b', name: 'r' }]],
    enableRule: [[region, { bus: 'b', name: 'r' }]],
    disableRule: [[region, { bus: 'b', name: 'r' }]],
  },
  'flows/whereabouts': {
    listRunning: [[region, { prefix: 'p', flows: [] }]],
    findExecution: [[region, { prefix: 'p', flows: [] }, 'n']],
    readExecution: [
      [region, { prefix: 'p', flows: [] }, 'arn:aws:states:us-west-2:111122223333:execution:p-az-failover:n'],
    ],
    readInput: [[region, 'arn:e']],
    readWhereabouts: [[region, 'arn:e']],
    readStop: [[region, 'arn:e']],
    readEnd: [[region, 'arn:e']],
    readLastCall: [[region, 'arn:e', 'Assess']],
  },
  'traffic/zonal-shift': {
    listShifts: [[region, 'arn:r']],
    isManaged: [[region, 'arn:r']],
    startShift: [[region, { resource: 'arn:r', awayFrom: 'use1-az1', expirySeconds: 60, comment: 'c' }]],
    extendShift: [[region, 'z', 60]],
    cancelShift: [[region, 'z']],
    ArcZonalShiftClient: null,
    ZonalShiftFault: null,
  },
  '../kinds/custom/aws': { shortened: null, invokeFunction: [[region, 'f', {}]] },
  '../kinds/consumers/aws': {
    callFor: null,
    describeConsumer: [[region, mapping, 0]],
    seeFromOutside: null,
    switchOff: [[region, mapping, 0, 0]],
    switchOn: [[region, mapping, 1, 0]],
  },
  '../kinds/eks-cluster/aws': {
    clusterStatus: [[region, 'c']],
    describeNodeGroup: [[region, 'c', 'g']],
    setNodes: [[region, 'c', 'g', { desired: 2, most: 2 }]],
  },
  '../kinds/elasticache/aws/groups': {
    describeCache: [[region, 'g']],
    switchFailoverOff: [[region, 'g']],
    switchFailoverOn: [[region, 'g', true]],
    promoteNode: [[region, 'g', 'n']],
    describeGlobalCache: [[region, 'g']],
    failOverGlobalCache: [[region, 'g', 'm']],
  },
  '../kinds/elasticache/aws/backups': {
    createGroup: [[region, { transitEncryption: 'off', authToken: null, userGroup: null, kmsKey: null, ...group }]],
    snapshotStatus: [[region, 's']],
    createSnapshot: [[region, 's', { group: 'g' }]],
    exportSnapshot: [[region, 's', 'b']],
    deleteSnapshot: [[region, 's']],
    listKeys: [[region, 'b', 'p']],
  },
  '../kinds/elasticache/aws/room': {
    isOffered: [[region, 'cache.r7g.large']],
    nodesIn: [[region]],
    isSubnetGroup: [[region, 'g']],
    isParameterGroup: [[region, 'g']],
    userGroupStatus: [[region, 'u']],
  },
  '../kinds/rds-instance/aws/instances': {
    rds: null,
    rdsOnce: null,
    describeDatabase: [[region, 'd']],
    describeIfThere: [[region, 'd']],
    rebootWithFailover: [[region, 'd']],
    rebootInPlace: [[region, 'd']],
    exchangeGroups: [[region, 'd', ['sg-1']]],
    promoteLosingWhatIsMissing: [[region, 'd', 7]],
  },
  '../kinds/rds-instance/aws/backups': {
    describeAutomatedBackups: [[region]],
    describeSnapshots: [[region]],
    isTaken: [[region, 'd']],
    zonesOfSubnetGroup: [[region, 'g']],
    familyOfParameterGroup: [[region, 'g']],
    engineOfOptionGroup: [[region, 'g']],
    describeVersion: [[region, 'postgres', '16.4']],
    describeOffers: [[region, { engine: 'postgres', engineVersion: '16.4', instanceClass: 'c' }]],
    describeQuotas: [[region]],
    describeReservation: [[region, 'r']],
    canReplicate: [['us-west-2', region]],
    startReplication: [[region, { arn: 'arn:d', days: 7, key: null }]],
    copySnapshot: [[region, { snapshot: 's', id: 'c', key: null, optionGroup: 'default:postgres-16', tags: {} }]],
    deleteSnapshot: [[region, 's']],
  },
  '../kinds/rds-instance/aws/rejoin': {
    takeSnapshot: [[region, 'd', 's', {}]],
    makeReplica: [
      [
        region,
        {
          ...{ instance: 'r', source: 'arn:aws:rds:us-west-2:111122223333:db:d', wanted },
          ...{ multiAz: true, zoneName: null, key: null, tags: {} },
        },
      ],
    ],
  },
  '../kinds/rds-instance/aws/restore': {
    deleteInstance: [[region, 'chatops-prod-restored-rehearsal']],
    restoreToPointInTime: [[region, toRestore, { of: 'own-backups', resourceId: 'db-1' }, null]],
    restoreFromSnapshot: [[region, toRestore, { of: 'snapshot', id: 's' }]],
    describeRestored: [[region, 'd']],
  },
  '../kinds/ssm-parameters/aws': { readParameter: [[region, 'p']], writeParameter: [[region, 'p', 'v', true]] },
};

/** Parts of the store, which call nobody by themselves. */
const parts = /^store\/(?!store$)/;

type Loaded = Readonly<Record<string, unknown>>;

const missing: string[] = [];
const made: Promise<unknown>[] = [];
const folder = join(import.meta.dirname, '../../../functions/aws');
const places = ['{,*/}*.ts', '../kinds/*/{aws,aws/*}.ts', '../../cli/deployed/{caller,send-answer,stacks}.ts'];
const files = places.flatMap((place) => globSync(place, { cwd: folder })).map((file) => file.replace(/\.ts$/, ''));
const all: [string, Loaded][] = [];
// Loaded before the first call: a call has seconds, which loading the others would take from it.
for (const name of files.filter((one) => !parts.test(one)))
  all.push([name, (await import(join(folder, `${name}.ts`))) as Loaded]);
for (const [name, loaded] of all) {
  if (name === 'store/store')
    made.push((loaded['dynamoStore'] as typeof dynamoStore)(region, 't', plan, tell).readSignals(region, 0));
  else made.push(...allFunctions(name, loaded));
}
await Promise.allSettled(made);
stdout.write(JSON.stringify({ elsewhere, missing, made: made.length }));

declare function dynamoStore(
  region: string,
  table: string,
  plan: object,
  damaged: () => void,
): { readSignals(region: string, since: number): Promise<unknown> };

function allFunctions(file: string, loaded: Loaded): Promise<unknown>[] {
  return Object.entries(loaded).flatMap(([name, run]) => {
    if (typeof run !== 'function') return [];
    const given = calls[file]?.[name];
    if (given === undefined) missing.push(`${file}.${name}`);
    return (given ?? []).map(async (args) => (run as (...args: readonly unknown[]) => Promise<unknown>)(...args));
  });
}
