// What the recorder tells the invariants: of the databases that were verified, and of what people approved.
import { describe, expect, test } from 'vitest';
import { withdraw } from '../../../functions/domain/decision/incident.ts';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { ApprovalRequest, Incident, RecordedAnswer, RecordedDecision } from '../../../functions/domain/types.ts';
import { createRecorder } from '../../../simulator/drill/recorder.ts';
import type { Estate } from '../../../simulator/estate/types.ts';
import type { Observation } from '../../../simulator/invariants/model/observations.ts';
import { createInvariants } from '../../../simulator/invariants.ts';
import { withSecondDatabase } from '../../assets.ts';
import { plan } from '../../plan.ts';
import { answer, request } from '../../store/samples.ts';
import { fence, regionExecution, regionFlow } from '../invariants/story.ts';

const { primary, standby } = plan.roles;
const clock = { now: () => 0, setTimeout: () => 0, clearTimeout: () => undefined };

/** What is seen as verified after the flow in the standby region has left these states, each of an asset or of none. */
function verifiedAfter(...states: readonly (readonly [state: string, asset: string | null])[]): unknown {
  const seen: Observation[] = [];
  const invariants = { observe: (one: Observation) => seen.push(one), verdict: () => [] };
  const recorder = createRecorder(withSecondDatabase(plan), 'breakwater-sim', clock, invariants, () => undefined);
  const execution = { executionArn: 'arn:e', name: 'e', input: '{}' } as never;
  for (const [index, [name, asset]] of states.entries()) {
    const input = asset === null ? '{}' : JSON.stringify({ name: asset, kind: 'rds-instance' });
    const entered = { id: 10 * index + 1, type: 'TaskStateEntered', stateEnteredEventDetails: { name, input } };
    const exited = { id: 10 * index + 2, previousEventId: 10 * index + 1, type: 'TaskStateExited' };
    recorder.history({ ...entered, previousEventId: 0, timestamp: 0 } as never, execution, standby);
    recorder.history(
      { ...exited, timestamp: 0, stateExitedEventDetails: { name, output: '{}' } } as never,
      execution,
      standby,
    );
  }
  const glance = { writable: {}, usersRegion: primary, served: true };
  recorder.tick({ glance: () => glance, canReach: () => true, faults: { of: () => [] } } as unknown as Estate);
  return seen.flatMap((one) => (one.kind === 'tick' ? [one.verified] : [])).at(-1);
}

test('a database counts as verified in a region once it and the page of the region were, and no other does', () => {
  const page = ['VerifyRegion', null] as const;
  expect(verifiedAfter()).toEqual({ database: [primary], orders: [primary] });
  expect(verifiedAfter(['Verify', 'database'], ['Verify', 'orders'])).toEqual({
    database: [primary],
    orders: [primary],
  });
  expect(verifiedAfter(['Verify', 'database'], page)).toEqual({ database: [primary, standby], orders: [primary] });
  expect(verifiedAfter(['Verify', 'database'], ['Verify', 'orders'], page)).toEqual({
    database: [primary, standby],
    orders: [primary, standby],
  });
});

type Contact = Plan['contacts'][string];
type Way = { readonly plan?: Plan; readonly byHand?: boolean; readonly takenBack?: boolean };

describe('a product that counts approvals wrongly is caught', () => {
  const asked: ApprovalRequest = { ...request, execution: regionFlow, requestedBy: 'classify' };
  const by = (approver: string, change: Partial<RecordedAnswer> = {}): RecordedAnswer => ({
    ...answer,
    approver,
    ...change,
  });
  const enough = [by('dba'), by('infra-lead')];
  const twoHats: Plan = {
    ...plan,
    contacts: { ...plan.contacts, 'infra-lead': { ...plan.contacts['infra-lead'], handle: 'DBA-Team' } as Contact },
  };

  /** The verdict on `approved` when the product says that these answers approve, and fences. */
  function isHeld(answers: readonly RecordedAnswer[], change: Partial<ApprovalRequest> = {}, way: Way = {}): boolean {
    const invariants = createInvariants({ plan });
    const recorder = createRecorder(way.plan ?? plan, 'breakwater-sim', clock, invariants, () => undefined);
    const decided = { action: 'request-approval', execution: regionFlow, level: 3, scope: { region: primary } };
    const incident = { id: 'i', decisions: [decided] } as unknown as Incident;
    if (way.byHand !== true) recorder.decision(incident, decided as RecordedDecision);
    if (way.takenBack === true) {
      const after = withdraw(incident, decided as RecordedDecision, 100);
      recorder.decision(after, after.decisions.at(-1) as RecordedDecision);
    }
    invariants.observe(regionExecution(101, 'RUNNING'));
    recorder.request({ ...asked, ...change }, standby);
    for (const one of answers) recorder.answer(one, one.valid);
    recorder.settled(asked.id, 'approved');
    invariants.observe(fence);
    return invariants.verdict(fence.at).find(({ id }) => id === 'approved')?.held ?? false;
  }

  test('while one that counts rightly is not', () => {
    expect(isHeld(enough)).toBe(true);
    expect(isHeld([...enough, by('dr-coordinator')], {}, { byHand: true })).toBe(true);
    expect(isHeld([...enough, by('dr-coordinator')], {}, { takenBack: true })).toBe(true);
    expect(isHeld([by('dba', { valid: false, unfenced: [] }), ...enough])).toBe(true);
    expect(isHeld([...enough, by('dba', { answer: 'reject', valid: false })])).toBe(true);
  });

  test.for<[string, readonly RecordedAnswer[], Partial<ApprovalRequest>?, Way?]>([
    ['nobody', []],
    ['one person', [by('dba')]],
    ['one person, whom the request takes for enough', [by('dba')], { required: 1 }],
    ['one person twice', [by('dba'), by('dba')]],
    ['one person in two roles', enough, {}, { plan: twoHats }],
    ['the requester, by role', enough, { requestedBy: 'dba' }],
    ['the requester, by handle', enough, { requestedBy: ' @DBA-team' }],
    ['the requester, by ARN', enough, { requestedBy: 'arn:aws:sts::111122223333:assumed-role/chatops-dba/me' }],
    ['somebody who is no approver', [by('dba'), by('app-lead')], { roles: ['dba', 'app-lead'] }],
    ['people of whom one answered another request', [by('dba'), by('infra-lead', { request: 'request-2' })]],
    ['people of whom one came too late', [by('dba'), by('infra-lead', { at: request.expiresAt })]],
    ['people of whom one did not name what stays unfenced', [by('dba'), by('infra-lead', { unfenced: [] })]],
    ['people of whom one was refused', [by('dba'), by('infra-lead', { valid: false })]],
    ['enough, and another one rejects', [...enough, by('dr-coordinator', { answer: 'reject' })]],
    ['enough, but one rejects and is not heard', [by('dr-coordinator', { answer: 'reject', valid: false }), ...enough]],
    ['enough for a decision of the record, and a person started it', enough, {}, { byHand: true }],
    ['enough for a decision of the record that was taken back', enough, {}, { takenBack: true }],
    ['enough for a person who calls himself classify', enough, { requestedBy: 'classify' }, { byHand: true }],
  ])('when those who approve are %s', ([, answers, change, way]) => {
    expect(isHeld(answers, change, way)).toBe(false);
  });
});
