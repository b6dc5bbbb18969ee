// What a region flow does to the world, by the calls that do it.
import { callOf } from './history.ts';
import type { Mutation } from './observations.ts';

export type RegionAct = 'fenced' | 'promoted' | 'restored' | 'redirected';

const regionFlows = ['region-failover', 'failback'];

/** Calls that nothing but an approved region flow may make, whoever makes them. */
const reserved: Readonly<Record<string, RegionAct>> = {
  'rds:PromoteReadReplica': 'promoted',
  'rds:SwitchoverReadReplica': 'promoted',
  'elasticache:FailoverGlobalReplicationGroup': 'promoted',
  'elasticache:DisassociateGlobalReplicationGroup': 'promoted',
  'rds:RestoreDBInstanceFromDBSnapshot': 'restored',
  'rds:RestoreDBInstanceToPointInTime': 'restored',
  'elasticache:CreateReplicationGroup': 'restored',
  'route-53:ChangeResourceRecordSets': 'redirected',
};

/** Calls that mean something else, or nothing of the kind, outside a region flow. */
const inRegionFlow: Readonly<Record<string, RegionAct>> = {
  'rds:ModifyDBInstance': 'fenced', // exchanges the security groups
  'rds:RebootDBInstance': 'fenced', // ends the sessions that survive the exchange
  'ssm:SendCommand': 'fenced',
  'ssm:StartAutomationExecution': 'fenced',
  'elasticache:ModifyReplicationGroup': 'promoted',
  'codebuild:StartBuild': 'restored',
};

/** A latch is an object whose key begins so; writing or deleting it moves users. Judges share no rule with what they judge. */
const latch = /(^|\/)latch\//;

export function isRegionFlow(stateMachine: string | undefined): boolean {
  return stateMachine !== undefined && regionFlows.includes(stateMachine);
}

/** Which act of a region flow a mutation is; null where it is none. */
export function regionActOf(mutation: Mutation, stateMachine: string | undefined): RegionAct | null {
  const call = callOf(mutation);
  const known = reserved[call];
  if (known !== undefined) return known;
  if (mutation.service === 's3' && latch.test(mutation.target)) return 'redirected';
  return isRegionFlow(stateMachine) ? (inRegionFlow[call] ?? null) : null;
}

/** Whether it is the fence watch that makes a call: from a promotion on it goes on whatever becomes of the approval. */
export function isWatch({ step }: Pick<Mutation, 'step'>): boolean {
  return /^Fence(OnReturn|Later)(\/|$)/.test(step);
}

/** What keeps copies for the day, by a schedule and in no flow: it makes and deletes copies, and changes nothing that serves. */
const keeping = ['rds:CopyDBSnapshot', 'rds:DeleteDBSnapshot', 'rds:StartDBInstanceAutomatedBackupsReplication'];

/** What rehearses, or compares an old database, makes an instance of its own name beside what serves, and deletes it. */
const rehearsing = [
  'rds:RestoreDBInstanceToPointInTime',
  'rds:RestoreDBInstanceFromDBSnapshot',
  'rds:DeleteDBInstance',
];

/** What makes a standby again sets an old database aside and makes a replica beside it: it changes nothing that is there. */
const rejoining = ['rds:CreateDBSnapshot', 'rds:CreateDBInstanceReadReplica'];

export function isKeeping(mutation: Mutation): boolean {
  const call = callOf(mutation);
  if (mutation.execution !== '') return false;
  if (mutation.step === 'rehearse-restores')
    return rehearsing.includes(call) && /-(rehearsal|compared)$/.test(mutation.target);
  if (mutation.step === 'rejoin-standby') return rejoining.includes(call);
  return mutation.step === 'keep-backups' && keeping.includes(call);
}

/** What a drill broke ends with it, whoever sees that the drill is gone. */
export function endsExperiment(mutation: Mutation): boolean {
  return callOf(mutation) === 'fis:StopExperiment';
}
