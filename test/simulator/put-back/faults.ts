// Faults that this project or others had, each with the way to put it back into the product, the drill that it spoils, and what sees it
// there: an invariant, or an expectation of the scenario. What is missing here is shown by tests of its own, without a drill.
import type { readLag } from '../../../functions/aws/looking/metrics.ts';
import type { confirm } from '../../../functions/domain/approval/confirmation.ts';
import type { whyStale } from '../../../functions/domain/approval/freshness.ts';
import type { decide } from '../../../functions/domain/decision/decide.ts';
import type { dutyOf } from '../../../functions/domain/decision/responsibility.ts';
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { personOf } from '../../../functions/domain/plan/persons.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { lossSeconds } from '../../../functions/domain/recovery/region-record.ts';
import type { whyUnchangeable } from '../../../functions/domain/traffic/record.ts';
import type { leftToElastiCache, nextCacheMove } from '../../../functions/kinds/elasticache/moves.ts';
import type { nextFence } from '../../../functions/kinds/rds-instance/moves.ts';
import type { isStuck, works } from '../../../functions/kinds/rds-instance/rules/status.ts';
import type { readReplicaLag } from '../../../functions/kinds/rds-instance/seen/lag.ts';
import type { remindOfLost } from '../../../functions/shared/approval/again.ts';
import type { approversNeeded } from '../../../functions/shared/approval/approvers.ts';
import type { act, expectLock, lastCallAt } from '../../../functions/shared/recovery/act.ts';
import type { shiftAway } from '../../../functions/shared/traffic/shift-traffic.ts';
import type { createLambda } from '../../../simulator/aws/lambda.ts';
import type { DrillOptions } from '../../../simulator/drill/drill.ts';
import { readScenario, type Scenario } from '../../../simulator/playing/scenario.ts';
import type { deploymentsOf } from '../../../simulator/world.ts';
import { changing } from '../../assets.ts';
import { shipped } from '../../shipped.ts';
import { type PutBack, put } from './twin.ts';

export type Fault = {
  /** What is done wrong; in brackets, who had it: a field report, an attack, or a published orchestrator. */
  readonly mistake: string;
  readonly drill: DrillOptions;
  readonly back: readonly PutBack[];
  /** The invariant that is broken, or what the drill misses. */
  readonly seen: string;
  /** The drill ends then: what is broken for good by then need not be played on. For what no early end of a drill breaks. */
  readonly endsSeconds?: number;
};

const plan = shipped;
const { primary } = plan.roles;
const [zone = '', otherZone = ''] = Object.keys(plan.regions[primary]?.zones ?? {});

const of = (scenario: string, more: Partial<DrillOptions> = {}): DrillOptions => ({ scenario, seed: 1, plan, ...more });

/** A scenario with something else about it. */
const changed = (scenario: string, more: Partial<Scenario>): DrillOptions =>
  of(scenario, { written: { ...readScenario(scenario), ...more } });

type States = Record<string, State>;
type State = { [field: string]: unknown } & {
  Choices: { Next: string }[];
  Arguments: object;
};

/** A flow whose states are not those of its file. */
const states = (machine: string, edit: (states: States) => void): PutBack =>
  put<typeof deploymentsOf>('simulator/world.ts deploymentsOf', async (real, of) =>
    (await real(of)).map((deployment) => ({
      ...deployment,
      machines: deployment.machines.map((one) => {
        if (!one.name.endsWith(machine)) return one;
        const definition = structuredClone(one.definition) as { States: States };
        edit(definition.States);
        return { ...one, definition };
      }),
    })),
  );

/** A text of a flow's file that is replaced. */
const text = (machine: string, from: RegExp, to: string): PutBack =>
  states(machine, (all) => Object.assign(all, JSON.parse(JSON.stringify(all).replaceAll(from, to))));

/** A function that does not do its work, and answers that it is done. */
const answers = (file: string, answer: object): PutBack =>
  put<typeof createLambda>('simulator/aws/lambda.ts createLambda', (real, options) =>
    real({ ...options, run: async (one, ...call) => (one.file === file ? answer : options.run(one, ...call)) }),
  );

/** No change is refused because what people approved has to be looked at again. */
const neverStale = put<typeof whyStale>('functions/domain/approval/freshness.ts whyStale', () => null);

/** Where the flow goes when a person resumes it: past the look at what was approved. */
const goesOnAfterPause = states('region-failover', (all) =>
  Object.assign(all['Pause'] ?? {}, { Next: 'RedirectUsers' }),
);

/** A region that is back after twenty minutes, when users have long been served elsewhere. */
const outage = changed('region-outage', {
  expect: { ...readScenario('region-outage').expect, recoveryWithinSeconds: 1_200 },
  faults: [{ atSeconds: 0, fault: { id: 'region', kind: 'region-dark', region: primary, forSeconds: 1_200 } }],
});

/** As late-resume, and sooner: the region is back while the flow is paused, and a person resumes it long after. */
const resumed = changed('late-resume', {
  faults: readScenario('late-resume').faults.map(({ atSeconds, fault }) => ({
    atSeconds,
    fault: { ...fault, forSeconds: fault.kind === 'region-dark' ? 1_800 : 3_000 },
  })),
  operator: [{ atSeconds: 3_300, do: 'redrive' }],
});

/** By invariant, in the order of the design; the last ones across a pause and a redrive. */
export const ofInvariants: readonly Fault[] = [
  {
    mistake: 'sessions that survive the exchange of groups are not ended, and the fence is taken for one',
    drill: of('manual-switchover'),
    back: [
      put<typeof nextFence>('functions/kinds/rds-instance/moves.ts nextFence', (real, seen, closed, ...rest) =>
        seen.groups[0] === closed && seen.groupsActive ? { next: 'done' } : real(seen, closed, ...rest),
      ),
    ],
    seen: 'one-writer',
    endsSeconds: 900,
  },
  {
    mistake: 'a region is given up by itself, and nobody is asked (a code host in October 2018)',
    drill: of('manual-switchover'),
    back: [
      neverStale,
      states('region-failover', ({ IsOffered }) => Object.assign(IsOffered?.Choices[0] ?? {}, { Next: 'WatchFence' })),
    ],
    seen: 'approved',
    endsSeconds: 900,
  },
  {
    mistake: 'traffic leaves another zone than the one that fails: names of zones are taken for ids',
    drill: of('az-outage'),
    back: [
      put<typeof shiftAway>(
        'functions/shared/traffic/shift-traffic.ts shiftAway',
        (real, resource, step, incident, shell) => real(resource, step, { ...incident, zone: otherZone }, shell),
      ),
    ],
    seen: 'in-scope',
    endsSeconds: 600,
  },
  {
    mistake: 'a resumed flow sends users on before anything was promoted and verified',
    drill: of('promote-fails'),
    back: [neverStale, goesOnAfterPause],
    seen: 'served-then-redirect',
    endsSeconds: 4_200,
  },
  {
    mistake: 'no flow takes a lock, and none asks whose it is',
    drill: of('az-outage', {
      manual: { target: { region: primary, zone }, reason: 'by hand', requestedBy: 'operator' },
      // Early enough to be at work when the other one begins.
      written: { ...readScenario('az-outage'), manualAfterSeconds: 85 },
    }),
    back: [
      put<() => Promise<void>>('functions/take-lock.ts lock', async () => {}),
      put<typeof expectLock>('functions/shared/recovery/act.ts expectLock', () => {}),
    ],
    seen: 'one-execution',
    endsSeconds: 600,
  },
  {
    mistake: 'a flow that fails reports to nobody (a published orchestrator: its parent waits for a year)',
    drill: of('promote-fails'),
    back: [
      put<(id: string, role: string, message: object, shell: object) => Promise<void>>(
        'functions/shared/messages/tell.ts tellOne',
        async (real, id, role, message, shell) => {
          if (!/paus|stop|fail/i.test(`${id} ${JSON.stringify(message)}`)) await real(id, role, message, shell);
        },
      ),
    ],
    seen: 'bounded',
  },
  {
    mistake: 'calls are recorded after they were made',
    drill: of('az-outage'),
    back: [
      put<typeof act>('functions/shared/recovery/act.ts act', async (real, incident, call, shell, run) => {
        const result = await run();
        return real(incident, call, shell, async () => result);
      }),
    ],
    seen: 'audited',
    endsSeconds: 600,
  },
  {
    mistake: 'one rejection ends it: the region stays lost, and nobody hears of it again (A16)',
    drill: of('rejected-and-asked-again'),
    back: [
      put<typeof remindOfLost>('functions/shared/approval/again.ts remindOfLost', async () => {}),
      put<() => Promise<void>>('functions/shared/judgement/respond.ts breakSilence', async () => {}),
    ],
    seen: 'never-silent',
    endsSeconds: 1_800,
  },
  {
    mistake:
      'the fence on return dies, and is not started again: the old region comes back as a second writer (A10, r10)',
    drill: outage,
    back: [
      put<(incident: { readonly execution: string }) => Promise<string>>(
        'functions/shared/fencing/fence-watch.ts startWatch',
        async (_, { execution }) => `${execution}-fence`,
      ),
    ],
    seen: 'watched',
    endsSeconds: 2_400,
  },
  {
    mistake: 'a step that is tried again does not look at what it has called before',
    drill: of('manual-switchover'),
    back: [put<typeof lastCallAt>('functions/shared/recovery/act.ts lastCallAt', async () => null)],
    seen: 'repeatable',
    endsSeconds: 900,
  },
  {
    mistake: 'what the old region wrote before it was fenced, after a resume, is reported as nothing (r10)',
    drill: resumed,
    back: [put<() => object | null>('functions/await-fence.ts becameOf', () => ({ fenced: true, divergedWrites: 0 }))],
    seen: 'one-writer',
  },
  {
    mistake: 'a resumed flow asks people again, and does not wait for their answer',
    drill: resumed,
    back: [
      neverStale,
      states('region-failover', (all) => {
        const asks = JSON.stringify(all['RequestApproval'])
          .replace('.waitForTaskToken', '')
          .replace('{% $states.context.Task.Token %}', 'nobody waits');
        all['AskAgain'] = { ...(JSON.parse(asks) as State), Assign: {}, Next: 'WatchFence' };
        Object.assign(all['IsWithinApproval']?.Choices.at(-1) ?? {}, { Next: 'AskAgain' });
      }),
    ],
    seen: 'approved',
    endsSeconds: 3_400,
  },
  {
    mistake: 'the reported loss is a constant, and none',
    drill: resumed,
    back: [put<typeof lossSeconds>('functions/domain/recovery/region-record.ts lossSeconds', () => 0)],
    seen: 'honest-loss',
  },
  {
    mistake: 'a flow that is resumed an hour later goes on with the approval that it had (A13, r10)',
    drill: resumed,
    back: [neverStale, goesOnAfterPause],
    seen: 'still-approved',
    endsSeconds: 3_400,
  },
];

const visit: Scenario['faults'][number] = {
  atSeconds: 0,
  fault: { id: 'visit', kind: 'canary-broken', observer: 'observer 2', forSeconds: 30 },
};
/** A switchover, which begins a minute after the first fault, loses its replication right before the fence. */
const behind = changed('manual-switchover', {
  withinSeconds: 1_500,
  faults: [
    visit,
    { atSeconds: 365, fault: { id: 'replica', kind: 'replica-broken', region: 'standby', forSeconds: 4_000 } },
  ] as Scenario['faults'],
});

/** As idle-functions, and sooner over. */
const idle = changed('idle-functions', {
  faults: readScenario('idle-functions').faults.map(({ atSeconds, fault }) => ({
    atSeconds,
    fault: fault.kind === 'region-dark' ? { ...fault, forSeconds: 1_500 } : fault,
  })),
  withinSeconds: 3_600,
});

/** Where replication is broken, MySQL reads a lag of -1; PostgreSQL's grows. What the database is restored as is PostgreSQL's. */
const ofMysql: Plan = changing('rds-instance', plan, {
  engine: 'mysql',
  backups: undefined,
  regions: Object.fromEntries(
    assetsOf('rds-instance', plan).flatMap(({ regions }) =>
      Object.entries(regions).map(([region, { restore: _, ...place }]) => [region, place]),
    ),
  ),
});

/** One human stands behind the first two of the roles that approve. */
const twoRoles: Plan = (() => {
  const [first = '', second = ''] = plan.approval.roles;
  const handle = plan.contacts[first]?.handle ?? '';
  const contact = plan.contacts[second];
  return {
    ...plan,
    approval: { ...plan.approval, required: 1 },
    contacts: { ...plan.contacts, ...(contact && { [second]: { ...contact, handle } }) },
  };
})();

export const ofOthers: readonly Fault[] = [
  {
    mistake: 'status `available` right after the call is taken for its completion (a published orchestrator)',
    drill: of('cache-moves'),
    back: [
      put<typeof nextCacheMove>(
        'functions/kinds/elasticache/moves.ts nextCacheMove',
        (real, seen, from, past, ...rest) =>
          from !== null && past.switchedOffAt !== null && seen.status === 'available'
            ? { next: 'done' }
            : real(seen, from, past, ...rest),
      ),
    ],
    seen: 'cache moved',
    endsSeconds: 900,
  },
  {
    mistake: 'no lag is looked at before the promotion (a published orchestrator)',
    drill: behind,
    back: [answers('kinds/rds-instance/catch-up', { lagSeconds: 0 })],
    seen: 'honest-loss',
  },
  {
    mistake: 'a lag of -1, or none, is taken for zero (several)',
    drill: { ...changed('replica-broken', { withinSeconds: 2_400 }), plan: ofMysql },
    back: [
      put<typeof readLag>('functions/aws/looking/metrics.ts readLag', async (real, ...given) =>
        (await real(...given)).map((point) => ({ ...point, lagSeconds: point.lagSeconds ?? 0 })),
      ),
    ],
    seen: 'honest-loss',
  },
  {
    mistake: 'the failover is run in the region that fails (AWS cross-region guidance)',
    drill: of('region-outage'),
    back: [
      put<typeof dutyOf>(
        'functions/domain/decision/responsibility.ts dutyOf',
        (real, incident, decision, region, now) => {
          if (decision.action !== 'request-approval') return real(incident, decision, region, now);
          return region === incident.region ? 'start' : 'nothing';
        },
      ),
    ],
    seen: 'bounded',
  },
  {
    mistake: 'whoever opens a link and sends its form has approved (a published tutorial)',
    drill: of('region-outage', { approve: 'scanner' }),
    back: [
      put<typeof confirm>('functions/domain/approval/confirmation.ts confirm', (real, request, typed) => ({
        ...real(request, typed),
        unfenced: request.unfenced,
        problems: [],
      })),
    ],
    seen: 'answers of scanners that count',
    endsSeconds: 900,
  },
  {
    mistake: 'what was to hold goes on instead (a published orchestrator)',
    drill: of('frozen'),
    back: [
      put<typeof decide>('functions/domain/decision/decide.ts decide', (real, found, standing, ...rest) =>
        real(found, { ...standing, frozen: null }, ...rest),
      ),
    ],
    seen: 'hold',
  },
  {
    mistake: 'the role of a function lacks a right that it needs in a disaster (a plugin of Step Functions)',
    drill: outage,
    back: [
      put<typeof deploymentsOf>('simulator/world.ts deploymentsOf', async (real, given) =>
        (await real(given)).map((one) => {
          const resources = JSON.stringify(one.place.resources).replaceAll(
            'rds:PromoteReadReplica',
            'rds:AddRoleToDBInstance',
          );
          return { ...one, place: { ...one.place, resources: JSON.parse(resources) } };
        }),
      ),
    ],
    seen: 'rights',
    endsSeconds: 900,
  },
  {
    mistake: 'the functions that only a disaster calls have been idle for weeks, and that is an end (r02)',
    drill: idle,
    back: [
      text(
        'region-failover',
        /"Lambda\.(ResourceNotReady|ResourceConflict|ENI|EC2|Subnet|CodeArtifact)\w*"/g,
        '"None"',
      ),
    ],
    seen: 'recovery',
    endsSeconds: 2_400,
  },
  {
    mistake: 'a switchover waits for a lag of exactly zero (r03)',
    drill: of('idle-switchover'),
    back: [
      put<typeof readReplicaLag>('functions/kinds/rds-instance/seen/lag.ts readReplicaLag', async (real, ...given) =>
        (await real(...given)).map((point) => (point.lagSeconds === 0 ? point : { ...point, lagSeconds: null })),
      ),
    ],
    seen: 'requests',
    endsSeconds: 900,
  },
  {
    mistake: 'users wait for the first backup of the promoted database, which takes writes (r04, r05)',
    drill: outage,
    back: [
      put<typeof works>('functions/kinds/rds-instance/rules/status.ts works', (_, status) => status === 'available'),
    ],
    seen: 'recovery',
  },
  {
    mistake: 'people are told that a database can be fenced which takes no call, and hear of it afterwards (r06)',
    drill: changed('stuck-primary', {
      expect: { ...readScenario('stuck-primary').expect, requests: 1 },
      withinSeconds: 1_000,
    }),
    back: [put<typeof isStuck>('functions/kinds/rds-instance/rules/status.ts isStuck', () => false)],
    seen: 'requests',
  },
  {
    mistake: 'automatic failover of a member of a global datastore is switched off alone (r21)',
    drill: of('az-outage'),
    back: [put<typeof leftToElastiCache>('functions/kinds/elasticache/moves.ts leftToElastiCache', () => null)],
    seen: 'executions',
  },
  {
    mistake: 'a branch that fails ends its siblings (r21, r08, A11)',
    drill: of('step-fails'),
    back: [
      states('az-failover', (all) => {
        const uncaught = JSON.parse(JSON.stringify(all), (key, value: unknown) =>
          key === 'Catch' ? undefined : value,
        );
        Object.assign(all, uncaught);
      }),
    ],
    seen: 'database moved',
    endsSeconds: 3_600,
  },
  {
    mistake: 'a record that cannot be changed is found when users are to be moved (r19)',
    drill: of('record-alias'),
    back: [put<typeof whyUnchangeable>('functions/domain/traffic/record.ts whyUnchangeable', () => null)],
    seen: 'mutations',
    endsSeconds: 900,
  },
  {
    mistake: 'AWS ends its autoshift, and traffic goes back into the zone (r22)',
    drill: of('autoshift-ends'),
    back: [put<() => Promise<void>>('functions/watch-zone.ts keepAway', async () => {})],
    seen: 'recovery',
    endsSeconds: 2_400,
  },
  {
    mistake: 'one topic that fails voids what everybody was asked (A8, A9)',
    drill: of('topic-fails'),
    back: [
      put<(...given: unknown[]) => Promise<ReadonlyMap<string, string>>>(
        'functions/shared/approval/ask.ts askAll',
        async (real, ...given) => {
          const failing = await real(...given);
          for (const why of failing.values()) throw Object.assign(new Error(why), { name: 'Unavailable' });
          return failing;
        },
      ),
    ],
    seen: 'users',
  },
  {
    mistake: 'who starts a flow by hand needs no more approvals than the automation (A15)',
    drill: of('manual-switchover'),
    back: [
      put<typeof approversNeeded>('functions/shared/approval/approvers.ts approversNeeded', (real, asking, of) =>
        real({ ...asking, manual: false }, of),
      ),
    ],
    seen: 'approved',
    endsSeconds: 900,
  },
  {
    mistake: 'one human in two roles gives two approvals (A18)',
    drill: { ...changed('manual-switchover', { withinSeconds: 900 }), plan: twoRoles },
    back: [put<typeof personOf>('functions/domain/plan/persons.ts personOf', (_, name) => name)],
    seen: 'approved',
  },
];
