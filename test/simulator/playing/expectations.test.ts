// What a scenario expects is compared with the plan it is played with: its lists of people, its approvals, its cache.
import { expect, test } from 'vitest';
import type { Plan } from '../../../functions/domain/plan/plan.ts';
import type { Recorder } from '../../../simulator/drill/recorder.ts';
import type { DrillResult } from '../../../simulator/drill/result.ts';
import { missedExpectations } from '../../../simulator/playing/expectations.ts';
import { readScenario, type Scenario } from '../../../simulator/playing/scenario.ts';
import { changing, withSecondDatabase } from '../../assets.ts';
import { passed } from '../../cli/invented.ts';
import { plan } from '../../plan.ts';

const wanted: Scenario['expect'] = {
  level: 2,
  actions: ['az-failover'],
  served: true,
  failedSteps: [],
  told: [],
  said: [],
  notified: [],
};
const message = (role: string) => ({ at: passed.incident?.openedAt ?? '', role, channel: 'email', subject: 'x' });
const approvals = (count: number) =>
  Array.from({ length: count }, () => ({ at: '', approver: 'dba', answer: 'approve', valid: true, reason: '' }));

function missed(more: Partial<Scenario['expect']>, result: Partial<DrillResult>, base: Plan = plan): string[] {
  const scenario = { ...readScenario('az-outage'), expect: { ...wanted, ...more } };
  const recorder = { steps: [], requests: new Map(), decisions: [], messages: [] } as unknown as Recorder;
  const misses = missedExpectations(scenario, false, { ...passed, ...result }, recorder, base);
  return misses.map(({ what, expected, was }) => `${what}: ${expected}, ${was}`);
}

const others = {
  ...plan,
  notifications: { ...plan.notifications, level2: ['app-lead'] },
  approval: { ...plan.approval, required: 1 },
};
const alone = changing('elasticache', plan, { globalDatastore: null });
const orders = withSecondDatabase(plan);
/** The end of a drill in which some assets are where they are not in the drill that passed. */
const ending = (places: Readonly<Record<string, { zone?: string; region?: string }>>) => {
  const second = { name: 'orders', kind: 'rds-instance', region: 'us-east-1', zone: 'use1-az2', serves: true } as const;
  const assets = [...passed.end.assets, second].map((asset) => ({ ...asset, ...places[asset.name] }));
  return { end: { ...passed.end, assets } };
};
const staying = ending({ cache: { zone: 'use1-az1' } });
const left = (...names: string[]) => ending(Object.fromEntries(names.map((name) => [name, { zone: 'use1-az1' }])));

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
  ['every database has moved', { databaseMoved: true }, ending({}), orders, []],
  ['the second database stayed', { databaseMoved: true }, left('orders'), orders, ['orders moved: true, false']],
  ['no database has moved', { databaseMoved: false }, left('database', 'orders'), orders, []],
  ['the second has moved', { databaseMoved: false }, left('database'), orders, ['orders moved: false, true']],
  ['the struck one has moved alone', { databaseMoved: 'first' }, left('orders'), orders, []],
  ['another moved with it', { databaseMoved: 'first' }, ending({}), orders, ['orders moved: false, true']],
  ['every database is where users are', { databaseRegion: 'us-east-1' }, ending({}), orders, []],
  [
    'the second database was left behind',
    { databaseRegion: 'us-west-2' },
    ending({ database: { region: 'us-west-2' } }),
    orders,
    ['orders: us-west-2, us-east-1'],
  ],
  ['a member of a datastore has moved', { cacheMoved: 'alone' }, {}, plan, ['cache moved: false, true']],
] as [string, Partial<Scenario['expect']>, Partial<DrillResult>, Plan, string[]][])(
  '%s',
  ([, more, result, base, lines]) => {
    expect(missed(more, result, base)).toEqual(lines);
  },
);

test('a message that has a field of the record in it is a miss, once however many hear it', () => {
  const said = { subject: '[Breakwater] restored', body: '- database: restored true' };
  const recorder = { steps: [], requests: new Map(), decisions: [], messages: [said, said] } as unknown as Recorder;
  const scenario = readScenario('az-outage');
  const misses = missedExpectations(scenario, true, { ...passed, executions: [] }, recorder, plan);
  expect(misses.map(({ what, was }) => [what, was])).toEqual([['a message', '- database: restored true']]);
});
