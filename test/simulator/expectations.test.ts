// What a scenario expects is compared with the plan it is played with: its lists of people, its approvals, its cache.
import { expect, test } from 'vitest';
import type { Plan } from '../../functions/domain/plan.ts';
import { missedExpectations } from '../../simulator/expectations.ts';
import type { Recorder } from '../../simulator/recorder.ts';
import type { DrillResult } from '../../simulator/result.ts';
import { readScenario, type Scenario } from '../../simulator/scenario.ts';
import { changing } from '../assets.ts';
import { passed } from '../cli/invented.ts';
import { plan } from '../plan.ts';

const wanted: Scenario['expect'] = {
  level: 2,
  actions: ['az-failover'],
  served: true,
  failedSteps: [],
  told: [],
  notified: [],
};
const message = (role: string) => ({ at: passed.incident?.openedAt ?? '', role, channel: 'email', subject: 'x' });
const approvals = (count: number) =>
  Array.from({ length: count }, () => ({ at: '', approver: 'dba', answer: 'approve', valid: true, reason: '' }));

function missed(more: Partial<Scenario['expect']>, result: Partial<DrillResult>, base: Plan = plan): string[] {
  const scenario = { ...readScenario('az-outage'), expect: { ...wanted, ...more } };
  const recorder = { steps: [], requests: new Map() } as unknown as Recorder;
  const misses = missedExpectations(scenario, false, { ...passed, ...result }, recorder, base);
  return misses.map(({ what, expected, was }) => `${what}: ${expected}, ${was}`);
}

const others = {
  ...plan,
  notifications: { ...plan.notifications, level2: ['app-lead'] },
  approval: { ...plan.approval, required: 1 },
};
const alone = changing('elasticache', plan, { globalDatastore: null });
const staying = { end: { ...passed.end, cacheZone: 'use1-az1' } };

test.for([
  ['the people of a level were told', { notified: ['level1'] }, {}, plan, []],
  ['one of a level was not told', { notified: ['level2'] }, {}, plan, ['message to infra-lead: sent, not sent']],
  ['whom the plan names is who counts', { notified: ['level2'] }, {}, others, ['message to app-lead: sent, not sent']],
  ['each got few messages', { mostMessages: 2 }, {}, plan, []],
  ['one got too many messages', { mostMessages: 1 }, {}, plan, ['messages to one role: at most 1, 2']],
  ['nobody was told', { mostMessages: 0 }, { notifications: [] }, plan, []],
  [
    'somebody was told',
    { mostMessages: 0 },
    { notifications: [message('dba')] },
    plan,
    ['messages to one role: at most 0, 1'],
  ],
  ['as many approved as must', { validAnswers: 'required' }, { approvals: approvals(2) }, plan, []],
  ['fewer approved', { validAnswers: 'required + 1' }, { approvals: approvals(2) }, plan, ['valid answers: 3, 2']],
  ['twice as many approved', { validAnswers: '2 * required' }, { approvals: approvals(4) }, plan, []],
  ['one is enough for the plan', { validAnswers: 'required' }, { approvals: approvals(1) }, others, []],
  ['a number is that number', { validAnswers: 0 }, { approvals: approvals(1) }, plan, ['valid answers: 0, 1']],
  ['a lone cache has moved', { cacheMoved: 'alone' }, {}, alone, []],
  ['a lone cache stayed', { cacheMoved: 'alone' }, staying, alone, ['cache moved: true, false']],
  ['a member of a datastore stayed', { cacheMoved: 'alone' }, staying, plan, []],
  ['a member of a datastore has moved', { cacheMoved: 'alone' }, {}, plan, ['cache moved: false, true']],
] as [string, Partial<Scenario['expect']>, Partial<DrillResult>, Plan, string[]][])(
  '%s',
  ([, more, result, base, lines]) => {
    expect(missed(more, result, base)).toEqual(lines);
  },
);
