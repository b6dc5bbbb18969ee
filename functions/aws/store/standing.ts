// What holds an action back, in the table: the freeze, the roles, each region's locks and last actions, and its readiness.
import type { Comparison } from '../../domain/data/only-old.ts';
import type { Plan } from '../../domain/plan/plan.ts';
import {
  actionRecord,
  comparisonRecord,
  fenceRecord,
  freezeRecord,
  holderRecord,
  ledgerRecord,
  lockRecord,
  readinessRecord,
  rehearsalRecord,
  rejoinRecord,
  rolesRecord,
} from '../../domain/record/recorded.ts';
import type { Store } from '../../domain/record/store.ts';
import { degradationLock, type Lock, type Standing, unknownRoles } from '../../domain/types.ts';
import { actionKey, keyOf, regionOf } from './identity.ts';
import { type Item, isNewerAt, type Key, refused, type Table } from './table.ts';

type StandingMethods = Pick<
  Store,
  | 'readStanding'
  | 'readRoles'
  | 'freeze'
  | 'unfreeze'
  | 'takeLock'
  | 'supersedeLock'
  | 'takeFence'
  | 'readFence'
  | 'moveRole'
  | 'releaseLock'
  | 'recordAction'
  | 'keepReadiness'
  | 'readReadiness'
  | 'keepLedger'
  | 'readLedger'
  | 'keepRehearsal'
  | 'readRehearsal'
  | 'openComparison'
  | 'keepComparison'
  | 'readComparison'
  | 'keepRejoin'
  | 'readRejoin'
  | 'keepHolder'
  | 'readHolders'
>;

const everywhere = 'standing';
/** A partition of its own: who restores an asset may write nothing else. */
const holders = 'holders';
const rolesKey: Key = { pk: everywhere, sk: 'roles' };

export function standingIn(table: Table, plan: Plan): StandingMethods {
  /** Until a failover has moved them, roles are what the plan says. */
  const rolesIn = (item: Item | undefined) =>
    item === undefined
      ? { primary: plan.roles.primary, epoch: 1, movedAt: null }
      : table.recordIn(item, rolesRecord, () => unknownRoles);

  return {
    async readStanding(region) {
      const [shared, own] = await Promise.all([table.query(everywhere), table.query(partition(region))]);
      const freeze = shared.find((item) => item.sk === 'freeze');
      const roles = shared.find((item) => item.sk === rolesKey.sk);
      const lockOn = (target: string) => {
        const item = own.find(({ sk }) => sk === lockKey(target).sk);
        return item === undefined ? null : table.recordIn(item, lockRecord, (damaged) => unknownLock(damaged, target));
      };
      const actions = own.filter((item) => item.sk.startsWith('action#'));
      const { primary, epoch, movedAt } = rolesIn(roles);
      return {
        frozen: freeze === undefined ? null : table.recordIn(freeze, freezeRecord, () => unknownFreeze),
        primary,
        epoch,
        movedAt,
        lock: lockOn(region),
        degradation: lockOn(degradationLock(region)),
        lastActions: table.recordsIn(actions, actionRecord),
      };
    },

    readRoles: async () => rolesIn((await table.get(rolesKey)) ?? undefined),

    async freeze(by, reason, at) {
      await table.put({ pk: everywhere, sk: 'freeze', by, reason, at }, freezeRecord);
    },

    async unfreeze() {
      await table.remove({ pk: everywhere, sk: 'freeze' });
    },

    takeLock: (lock) =>
      table.put({ ...lockKey(lock.target), ...lock }, lockRecord, {
        expression: 'attribute_not_exists(#pk) OR #execution = :execution',
        values: { ':execution': lock.execution },
      }),

    supersedeLock: (lock) =>
      table.put({ ...lockKey(lock.target), ...lock }, lockRecord, {
        expression: 'attribute_not_exists(#pk) OR #execution = :execution OR #action = :zone',
        values: { ':execution': lock.execution, ':zone': 'az-failover' },
      }),

    takeFence: (lock) =>
      table.put({ ...fenceKey(lock.region), ...lock }, fenceRecord, {
        expression: `NOT (#epoch > :epoch OR (#epoch = :epoch AND (#startedAt > :startedAt OR (#startedAt = :startedAt AND #start > :start))))`,
        values: { ':epoch': lock.epoch, ':startedAt': lock.startedAt, ':start': lock.start },
      }),

    // One that cannot be read is refused: nobody knows then who fences.
    async readFence(region) {
      const item = await table.get(fenceKey(region));
      return item === null ? null : table.recordIn(item, fenceRecord, refused);
    },

    async moveRole(primary, fromEpoch, execution, at) {
      const epoch = fromEpoch + 1;
      const moved = await table.put({ ...rolesKey, primary, epoch, movedBy: execution, at }, rolesRecord, {
        // Roles that nothing has moved yet are those of the plan, in the first epoch.
        expression: fromEpoch === 1 ? 'attribute_not_exists(#pk) OR #epoch = :from' : '#epoch = :from',
        values: { ':from': fromEpoch },
      });
      if (moved) return true;
      const item = await table.get(rolesKey);
      if (item === null) return false;
      const roles = table.recordIn(item, rolesRecord, refused);
      return roles.epoch === epoch && roles.primary === primary && roles.movedBy === execution;
    },

    async releaseLock(target, execution) {
      await table.remove(lockKey(target), {
        expression: '#execution = :execution',
        values: { ':execution': execution },
      });
    },

    async recordAction(action, target, at) {
      await table.put(
        { pk: partition(regionOf(target)), sk: actionKey(action, target), action, target, at },
        actionRecord,
        isNewerAt(at),
      );
    },

    async keepReadiness(readiness) {
      const { region, at } = readiness;
      await table.put({ ...readinessKey(region), ...readiness }, readinessRecord, isNewerAt(at));
    },

    async readReadiness(region) {
      const item = await table.get(readinessKey(region));
      return item === null ? null : table.recordIn(item, readinessRecord, () => null);
    },

    keepLedger(record) {
      const { attempted, at } = record;
      return table.put({ ...ledgerKey(record.asset), ...record }, ledgerRecord, {
        expression:
          'attribute_not_exists(#attempted) OR #attempted < :attempted OR (#attempted = :attempted AND NOT #at > :at)',
        values: { ':attempted': attempted, ':at': at },
      });
    },

    // One that cannot be read is refused: as if there were none, rows would be tried again under numbers that are there.
    async readLedger(asset) {
      const item = await table.get(ledgerKey(asset));
      return item === null ? null : table.recordIn(item, ledgerRecord, refused);
    },

    async keepRehearsal(rehearsal) {
      const { asset, region, begunAt } = rehearsal;
      await table.put({ ...rehearsalKey(asset, region), ...rehearsal }, rehearsalRecord, {
        expression: 'NOT #begunAt > :begunAt',
        values: { ':begunAt': begunAt },
      });
    },

    // One that cannot be read is refused: another one would be begun beside what it has made.
    async readRehearsal(asset, region) {
      const item = await table.get(rehearsalKey(asset, region));
      return item === null ? null : table.recordIn(item, rehearsalRecord, refused);
    },

    async openComparison(comparison) {
      const { openedAt } = comparison;
      await table.put({ ...comparisonKey(comparison), ...comparison, ...phaseOf(comparison) }, comparisonRecord, {
        expression: 'attribute_not_exists(#openedAt) OR #openedAt < :openedAt',
        values: { ':openedAt': openedAt },
      });
    },

    async keepComparison(comparison) {
      const { openedAt } = comparison;
      const { phase } = phaseOf(comparison);
      await table.put({ ...comparisonKey(comparison), ...comparison, phase }, comparisonRecord, {
        expression: '#openedAt = :openedAt AND NOT #phase > :phase',
        values: { ':openedAt': openedAt, ':phase': phase },
      });
    },

    // One that cannot be read is refused: a copy that stands would not be thrown away.
    async readComparison(asset, region) {
      const item = await table.get(comparisonKey({ asset, region }));
      return item === null ? null : table.recordIn(item, comparisonRecord, refused);
    },

    async keepRejoin(rejoin) {
      const { asset, region, begunAt } = rejoin;
      await table.put({ ...rejoinKey(asset, region), ...rejoin }, rejoinRecord, {
        expression: 'NOT #begunAt > :begunAt',
        values: { ':begunAt': begunAt },
      });
    },

    // One that cannot be read is refused: another one would be begun beside what it has made.
    async readRejoin(asset, region) {
      const item = await table.get(rejoinKey(asset, region));
      return item === null ? null : table.recordIn(item, rejoinRecord, refused);
    },

    async keepHolder(holder) {
      const { asset, region, at } = holder;
      await table.put({ pk: holders, sk: `${asset}#${region}`, ...holder }, holderRecord, isNewerAt(at));
    },

    // One that cannot be read is refused: the plan's name in its place could fence, or name, another database.
    async readHolders() {
      return (await table.query(holders)).map((item) => table.recordIn(item, holderRecord, refused));
    },
  };
}

const unknownFreeze: NonNullable<Standing['frozen']> = {
  by: 'somebody',
  reason: 'the record of the freeze is damaged',
  at: 0,
};

/** Held by whom the record names, if it names one; certainly not free. */
function unknownLock({ execution }: Item, target: string): Lock {
  const holder = typeof execution === 'string' ? execution : 'unknown';
  return { target, execution: holder, incident: 'unknown', action: 'hold', at: 0 };
}

function partition(region: string): string {
  return `${everywhere}#${region}`;
}

function lockKey(target: string): Key {
  return { pk: partition(regionOf(target)), sk: `lock#${keyOf(target)}` };
}

/** A partition of its own: who fences may write nothing else of the standing. */
function fenceKey(region: string): Key {
  return { pk: 'fences', sk: `${region}/fence` };
}

function comparisonKey({ asset, region }: Pick<Comparison, 'asset' | 'region'>): Key {
  return { pk: 'comparisons', sk: `${asset}#${region}` };
}

/** Two regions write it, one after the other: what comes late changes nothing of what has gone on. */
function phaseOf({ readAt, comparedAt, endedAt }: Comparison): { phase: number } {
  if (comparedAt !== null || endedAt !== null) return { phase: 2 };
  return { phase: readAt === null ? 0 : 1 };
}

/** A partition of its own: who looks at readiness may write nothing else. */
function rehearsalKey(asset: string, region: string): Key {
  return { pk: 'rehearsals', sk: `${asset}#${region}` };
}

/** A partition of its own, too. */
function rejoinKey(asset: string, region: string): Key {
  return { pk: 'rejoins', sk: `${asset}#${region}` };
}

function ledgerKey(asset: string): Key {
  return { pk: 'ledger', sk: asset };
}

function readinessKey(region: string): Key {
  return { pk: 'readiness', sk: region };
}
