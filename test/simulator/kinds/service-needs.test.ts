// What fails in a region flow holds back what needs it, and users only where the service needs it: shown by whole drills of a lost region.
import { afterEach, describe, expect, test, vi } from 'vitest';
import { InProgress } from '../../../functions/domain/errors.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import { stepWords } from '../../../functions/domain/record/step.ts';
import { stepNamed } from '../../../functions/domain/words/words.ts';
import { handler as takeOver } from '../../../functions/kinds/custom/take-over.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { plan } from '../../plan.ts';

const { standby } = plan.roles;
const needing = (...needs: readonly string[]): Plan => ({ ...plan, service: { ...plan.service, needs: [...needs] } });

/** A lost region, whose other one refuses a call of one function for an hour; a person resumes what has stopped. */
async function drilled(played: Plan, [caller, service, operation]: readonly [string, string, string]) {
  const refused = { kind: 'api-failure', service, operation, caller, region: standby, error: 'refuse' } as const;
  const fault = { ...refused, id: 'refused', name: 'ValidationException', message: 'the drill refuses it' };
  const pages: string[] = [];
  const { result } = await runDrill({
    scenario: 'region-outage',
    seed: 1,
    plan: played,
    extraFaults: [{ atSeconds: 0, fault: { ...fault, forSeconds: 3600 } }],
    resumes: 9,
    overheard: (where, text) => {
      if (where === 'message' && text.includes('has done what it could and is paused')) pages.push(text);
    },
  });
  const flow = result.executions.find(({ stateMachine }) => stateMachine === 'region-failover');
  const stoppedAt = result.notifications.find(({ subject }) => subject.includes('you are needed: PAUSED'))?.at ?? '';
  // The latch of the region that is given up.
  const redirectedAt = result.mutations.find(({ operation: made }) => made === 'PutObject')?.at ?? '';
  const ended = (how: string) => {
    const own = result.steps.filter(({ execution, outcome }) => execution === flow?.name && outcome === how);
    return [...new Set(own.flatMap(({ state, asset }) => (asset === undefined ? [] : [`${state} ${asset}`])))];
  };
  return {
    failed: ended('failed'),
    held: ended('held'),
    firstPage: pages[0] ?? '',
    // Times in ISO 8601.
    redirected: stoppedAt === '' || redirectedAt === '' ? 'never' : redirectedAt < stoppedAt ? 'before' : 'after',
    // Once the fault has ended and somebody has resumed it.
    status: flow?.status,
    usersRegion: result.end.usersRegion,
    broken: result.invariants.filter(({ held }) => !held),
  };
}

const movesSearch = ['custom-take-over', 'lambda', 'Invoke'] as const;
const provesSearch = ['custom-verify', 'lambda', 'Invoke'] as const;
const movesCache = ['elasticache-take-over', 'elasticache', 'FailoverGlobalReplicationGroup'] as const;
const withoutSearch = needing('database', 'cache', 'cluster', 'settings');
const finished = { status: 'SUCCEEDED', usersRegion: standby, broken: [] };

describe('what the service does not need fails: users are sent where it serves, and the flow pauses, naming it', () => {
  test.for([
    ['does not take over', withoutSearch, movesSearch, ['TakeOver search'], ['Verify search']],
    ['cannot be verified', withoutSearch, provesSearch, ['Verify search'], []],
    ['holds what needs it', needing('database', 'cluster'), movesCache, ['TakeOver cache'], ['TakeOver settings']],
  ] as const)('it %s', async ([, played, refused, failed, held]) => {
    const { firstPage, ...run } = await drilled(played, refused);
    expect(run).toEqual({ ...finished, redirected: 'before', failed, held });
    for (const name of [...failed, ...held])
      expect(firstPage.toLowerCase()).toContain(
        `\n${stepWords(stepNamed(name))} ${held.some((one) => one === name) ? 'is held' : 'failed'}: `,
      );
  });
});

describe('what the service needs fails: users are sent nowhere until it is there', () => {
  test.for([
    ['it needs every asset where the plan does not say', plan, movesSearch, 'TakeOver search'],
    ['one that only proves itself too', plan, provesSearch, 'Verify search'],
    ['it needs what the plan names', needing('database', 'search'), provesSearch, 'Verify search'],
    ['it needs what that needs', needing('settings', 'cluster'), movesCache, 'TakeOver cache'],
  ] as const)('%s', async ([, played, refused, name]) => {
    const { firstPage, held: _, ...run } = await drilled(played, refused);
    expect(run).toEqual({ ...finished, redirected: 'after', failed: [name] });
    expect(firstPage.toLowerCase()).toContain(`\n${stepWords(stepNamed(name))} failed: `);
    // Whatever the region's page says: it may pass while what it needs stands in the lost region still.
    expect(firstPage).not.toContain('VerifyRegion');
  });
});

describe('what takes long', () => {
  afterEach(() => vi.restoreAllMocks());

  test.for([
    ['keeps no user waiting where the service does not need it', withoutSearch, true],
    ['is waited for where it does', plan, false],
  ] as const)('%s', async ([, played, isSentBefore]) => {
    const real = takeOver.on;
    let looks = 0;
    vi.spyOn(takeOver, 'on').mockImplementation((shell) => async (event) => {
      looks += 1;
      if (looks < 60) throw new InProgress('the index is still being built');
      return real(shell)(event);
    });
    const told: string[] = [];
    const { result } = await runDrill({
      scenario: 'region-outage',
      seed: 1,
      plan: played,
      overheard: (where, text) => {
        if (where === 'message' && text.includes('users are served without')) told.push(text);
      },
    });
    const flow = result.executions.find(({ stateMachine }) => stateMachine === 'region-failover');
    const search = result.steps.find(({ state, asset }) => state === 'TakeOver' && asset === 'search');
    const redirectedAt = result.mutations.find(({ operation: made }) => made === 'PutObject')?.at ?? '';
    expect(search?.outcome).toBe('succeeded');
    expect(redirectedAt < String(search?.endedAt)).toBe(isSentBefore);
    expect(flow?.status).toBe('SUCCEEDED');
    expect(result.invariants.filter(({ held }) => !held)).toEqual([]);
    expect(told[0]?.includes('Next, while users are served already: search')).toBe(isSentBefore);
  });
});
