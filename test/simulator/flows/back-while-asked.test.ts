// A region that comes back while people think about its outage: what they approve then is not done to a region that serves its users.
import { expect, test } from 'vitest';
import { scenarioOf } from '../../../simulator/campaign/items.ts';
import { runDrill } from '../../../simulator/drill/drill.ts';
import { plan } from '../../plan.ts';

const { primary } = plan.roles;

/** The region does not answer for so long, and each approver approves so long after each request. */
async function dark(forSeconds: number, approve: string) {
  const mails: string[] = [];
  const { result } = await runDrill({
    ...{ scenario: 'back while people are asked', seed: 64, plan },
    written: scenarioOf([
      { kind: 'fault', of: { atSeconds: 0, fault: { id: 'dark', kind: 'region-dark', forSeconds } } },
      { kind: 'approvers', of: approve },
      { kind: 'operator', of: { afterFailureSeconds: 1_800, do: 'abort', maybe: true } },
    ]),
    overheard: (where, text) => {
      if (where === 'message') mails.push(text);
    },
  });
  return {
    mails,
    calls: result.mutations.filter(({ operation }) => operation !== 'CopyDBSnapshot').map(({ operation }) => operation),
    flow: result.executions.find(({ stateMachine }) => stateMachine === 'region-failover')?.status,
    usersRegion: result.end.usersRegion,
    served: result.end.served,
    servedAfterSeconds: result.clocks.recoverySeconds,
    broken: result.invariants.filter(({ held }) => !held),
  };
}

test('people hear that users are served again, are asked again, and the region stays as it is once the incident is over', async () => {
  const { mails, ...run } = await dark(300, 'after=7m');
  expect(run).toEqual({
    calls: [],
    flow: 'SUCCEEDED',
    usersRegion: primary,
    served: true,
    servedAfterSeconds: 300,
    broken: [],
  });
  const again = mails.filter((mail) => mail.includes(`users of ${primary} are served again, seen from`));
  expect(again.length).toBeGreaterThan(0);
  expect(again[0]).toContain('You are asked again. The earlier approval no longer holds: ');
});

test('nobody answers: the request ends with its incident, people hear that, and nobody is reminded after it', async () => {
  const { mails, ...run } = await dark(300, 'never');
  expect(run).toMatchObject({ calls: [], flow: 'SUCCEEDED', usersRegion: primary, served: true, broken: [] });
  const over = mails.findIndex((mail) => mail.includes(`${primary} may be well again, so nobody is asked to leave it`));
  expect(over).toBeGreaterThan(0);
  expect(mails[over]).toContain('What was approved, or asked for, holds no longer.');
  const after = mails.slice(over).filter((mail) => /REMINDER|NO ANSWER|STILL LOST|HELD/.test(mail));
  expect(after).toEqual([]);
});

test('a region that stays dark is given up by the first approval', async () => {
  const { mails, ...run } = await dark(7_200, 'after=7m');
  expect(run).toMatchObject({ flow: 'SUCCEEDED', served: true, broken: [] });
  expect(run.usersRegion).not.toBe(primary);
  expect(mails.filter((mail) => mail.includes('served again, seen from'))).toEqual([]);
});

test('people insist, and the incident ends while the region is being fenced: what was fenced is open again, and then it is a pause', async () => {
  const { mails, servedAfterSeconds, ...run } = await dark(330, 'after=5m');
  const opened = ['ModifyDBInstance', 'RebootDBInstance', 'ModifyDBInstance'];
  expect(run).toEqual({ calls: opened, flow: 'FAILED', usersRegion: primary, served: true, broken: [] });
  expect(servedAfterSeconds).toBeLessThan(1_200);
  const paused = mails.find((mail) => mail.includes('PAUSED, give the flow up'));
  expect(paused).toMatch(/^\[Breakwater\] you are needed: PAUSED/);
  expect(paused).toContain('TAKES WRITES AGAIN');
  expect(paused).toContain('npm run abort -- ');
  expect(paused).not.toContain('npm run resume -- ');
});
