// Tests of who acts: the region's own stack on what it can recover by itself, the other one on the loss of the region.
import { expect, test } from 'vitest';
import { dutyOf } from '../../../../functions/domain/decision/responsibility.ts';
import type { RecordedDecision } from '../../../../functions/domain/types.ts';
import { openIncident, start } from '../../setting.ts';

const decision = (action: RecordedDecision['action'], execution: string | null): RecordedDecision => ({
  action,
  execution,
  reason: 'it fails',
  at: start,
  level: 3,
  scope: { region: 'us-east-1', zone: null },
  evidence: [],
  causes: [],
  attempt: 1,
});

test.for([
  ['az-failover', 'x', 'us-east-1', 0, 'start'],
  ['az-failover', 'x', 'us-west-2', 179, 'nothing'],
  ['az-failover', 'x', 'us-west-2', 180, 'tell-not-started'],
  ['request-approval', 'x', 'us-west-2', 0, 'start'],
  ['request-approval', 'x', 'us-east-1', 179, 'nothing'],
  ['request-approval', 'x', 'us-east-1', 180, 'tell-not-started'],
  ['hold', null, 'us-west-2', 0, 'tell'],
  ['hold', null, 'us-east-1', 0, 'nothing'],
  ['hold', null, 'us-east-1', 180, 'tell'],
  ['none', null, 'us-west-2', 999, 'nothing'],
] as const)(
  '%s (%s) about us-east-1, seen by the stack in %s after %s s: %s',
  ([action, execution, region, seconds, duty]) => {
    expect(dutyOf(openIncident, decision(action, execution), region, start + seconds * 1000)).toBe(duty);
  },
);
