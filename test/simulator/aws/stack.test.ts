// The stacks in the twin: what they schedule runs, what fails is kept and told, and what their roles do not allow is refused.
import { describe, expect, test } from 'vitest';
import type { Deployment } from '../../../simulator/aws/deployment.ts';
import type { Resource } from '../../../simulator/aws/intrinsics.ts';
import { visit } from '../../../simulator/people/visitor.ts';
import { prefix } from '../../../simulator/stage.ts';
import { plan } from '../../plan.ts';
import { account, alarmsTo, primary, rehearseStacks, standby } from '../estate/rehearsal.ts';

const [observer = ''] = plan.roles.observers;

test('every function that is scheduled runs in its region, as often as its rule says', async () => {
  const { world } = await rehearseStacks();
  const minutes = 10;
  const runs = (region: string, verb: string) => {
    const metric = { namespace: 'AWS/Lambda', name: 'Invocations', stat: 'Sum' };
    const dimensions = { FunctionName: `${prefix}-${verb}` };
    const first = Date.UTC(2026, 10, 23, 9);
    return world.estate.metrics.read(region, { ...metric, dimensions }, first, minutes * 60).value;
  };
  for (const region of [primary, standby])
    for (const verb of ['sweep', 'send-heartbeat', 'probe-dependencies', 'run-canary'])
      expect([region, verb, runs(region, verb)]).toEqual([region, verb, minutes]);
  expect(runs(observer, 'run-canary')).toBe(minutes);
  expect(runs(observer, 'sweep')).toBeNull();
  expect(runs(standby, 'check-readiness')).toBe(2);
  // Secrets Manager tries a rotation out when it is set up.
  expect(runs(primary, 'rotate-link-key')).toBe(1);
});

test('the run of an observer reaches the signals of both main stacks, by the packaged rules', async () => {
  const rehearsal = await rehearseStacks();
  const { world, events } = rehearsal;
  const runs = events.filter(({ source, region }) => source === 'chatops.canary' && region === observer);
  expect(runs.length).toBeGreaterThanOrEqual(9);
  const signals = await world.store.readSignals(primary, 0);
  expect(signals.filter(({ kind }) => kind === 'canary-run').map((one) => one.key)).toContain(`run:${observer}:true`);
  for (const region of [primary, standby]) {
    const classify = world.stacks.get(region)?.queue(`arn:aws:sqs:${region}:${account}:${prefix}-signals`);
    // What has just come is taken within seconds.
    for (let seconds = 0; seconds < 10 && classify?.visible() !== 0; seconds += 1) await rehearsal.pass(1);
    expect(classify?.visible()).toBe(0);
  }
});

test('the run of a probe reaches the stack that asked, once, and the other one through the table', async () => {
  const { world } = await rehearseStacks(1, 300, (all) => all.map((one) => ({ ...one, mappings: [] })));
  const heard = (region: string) => {
    const queue = world.stacks.get(region)?.queue(`arn:aws:sqs:${region}:${account}:${prefix}-signals`);
    const events = (queue?.bodies() ?? []).map((body) => JSON.parse(body) as { id: string; source: string });
    return events.flatMap(({ id, source }) => (source === 'chatops.probe' ? [id] : [])).toSorted();
  };
  for (const region of [primary, standby]) {
    expect(heard(region).length).toBeGreaterThanOrEqual(4);
    expect(new Set(heard(region)).size).toBe(heard(region).length);
  }
  expect(heard(standby).filter((id) => heard(primary).includes(id))).toEqual([]);
});

test('a function that has begun itself sixteen times through its queue is stopped, and what it was to read is a dead letter', async () => {
  const rehearsal = await rehearseStacks();
  const stack = rehearsal.world.stacks.get(primary);
  const queue = (name: string) => stack?.queue(`arn:aws:sqs:${primary}:${account}:${prefix}-${name}`);
  const url = stack?.deployment.queues.find(({ name }) => name === `${prefix}-signals`)?.url ?? '';
  for (const [chain, delaySeconds] of [
    [15, 10],
    [16, 70],
  ] as const)
    stack?.send(url, JSON.stringify({ lookAgain: standby, chain }), delaySeconds, chain);
  await rehearsal.pass(1_000);
  expect(queue('signals-dead-letters')?.bodies()).toEqual([JSON.stringify({ lookAgain: standby, chain: 16 })]);
});

test('what a function that nobody waits for fails at each time is kept, and an alarm tells who is on call', async () => {
  const rehearsal = await rehearseStacks();
  const fault = { id: 'crash', kind: 'function-crash', function: 'send-heartbeat', when: 'before' } as const;
  rehearsal.estate.inject({ ...fault, region: primary, forSeconds: 400 });
  await rehearsal.pass(600);
  const kept = rehearsal.world.stacks.get(primary)?.queue(`arn:aws:sqs:${primary}:${account}:${prefix}-dead-letters`);
  expect(kept?.bodies().length).toBeGreaterThan(0);
  expect(kept?.bodies()[0]).toContain('RetriesExhausted');
  expect(alarmsTo(rehearsal, 'ALARM')).toContain(`${prefix}-dead-letters`);
  const told = rehearsal.messages.filter(({ role }) => role === 'on-call');
  expect(told.map(({ subject }) => subject)).toContain(`ALARM: "${prefix}-dead-letters" in ${primary}`);
});

test('a function that is killed after it has acted has acted', async () => {
  const rehearsal = await rehearseStacks();
  const began = rehearsal.events.length;
  const fault = { id: 'crash', kind: 'function-crash', function: 'send-heartbeat', when: 'after', times: 1 } as const;
  rehearsal.estate.inject({ ...fault, region: primary });
  await rehearsal.pass(180);
  const beats = rehearsal.events.slice(began).filter(({ source }) => source === 'chatops.heartbeat');
  const from = (region: string) => beats.filter(({ detail }) => detail['sourceRegion'] === region).length;
  // The call is made again, and its beats are sent to both buses once more.
  expect(from(primary)).toBe(from(standby) + 2);
});

test('a tick of a schedule can be lost, or come twice', async () => {
  const beats = async (effect: 'lost' | 'doubled' | null) => {
    const rehearsal = await rehearseStacks();
    const fault = { id: 'tick', kind: 'message-fault', what: 'event', text: 'Scheduled Event' } as const;
    if (effect !== null) rehearsal.estate.inject({ ...fault, effect, region: primary });
    const began = rehearsal.events.length;
    await rehearsal.pass(185);
    const sent = rehearsal.events.slice(began).filter(({ source }) => source === 'chatops.heartbeat');
    return sent.filter(({ detail }) => detail['sourceRegion'] === primary).length;
  };
  const usual = await beats(null);
  expect(usual).toBeGreaterThan(0);
  expect([await beats('lost'), await beats('doubled')]).toEqual([0, 2 * usual]);
});

const [sender = ''] = plan.signals.senders;
const entries = (Source: string, Detail: string, EventBusName = `${prefix}-events`) => ({
  Entries: [{ EventBusName, Source, DetailType: 'Chatops Maintenance Window', Detail }],
});

describe('the bus of the application', () => {
  const quiet = () => rehearseStacks(1, 60, (all) => all.map((one) => ({ ...one, mappings: [] })));
  const put = async (step: string, source: string, bus?: string, region = primary) => {
    const rehearsal = await quiet();
    const Detail = JSON.stringify({ windowId: 'window-77' });
    const said = await rehearsal
      .call('eventbridge', 'PutEvents', entries(source, Detail, bus), { step, in: region })
      .catch((error: Error) => error.name);
    await rehearsal.pass(60);
    return { said, heard: inQueue(rehearsal, 'signals'), heardByPeer: inQueue(rehearsal, 'signals', standby) };
  };

  test('takes what a sender of the plan says, and brings it to both main stacks', async () => {
    expect(await put(sender, 'chatops.maintenance')).toMatchObject({ heard: 1, heardByPeer: 1 });
  });

  test.for([
    ['a role that the plan does not name', 'role/ci', 'chatops.maintenance'],
    ['a role of the same name at another path', 'role/other/chatops-deploy', 'chatops.maintenance'],
    ['a role whose name begins like one of Breakwater', `role/${prefix}-${primary}-beats`, 'chatops.heartbeat'],
    ['a person', 'user/dba', 'chatops.deploy'],
    ['a sender that says that users are served', sender, 'chatops.canary'],
    ['a sender that says that control planes do not answer', sender, 'chatops.probe'],
    ['a sender that says that the region is alive', sender, 'chatops.heartbeat'],
    ['a sender that speaks for ElastiCache', sender, 'chatops.elasticache'],
  ] as const)('refuses %s', async ([, step, source]) => {
    expect(await put(step, source)).toEqual({ said: 'AccessDeniedException', heard: 0, heardByPeer: 0 });
  });

  test('what anybody puts on the default bus is heard by nobody', async () => {
    expect(await put('role/ci', 'chatops.maintenance', 'default')).toMatchObject({ heard: 0, heardByPeer: 0 });
  });

  test('nobody says what AWS says', async () => {
    expect(await put(sender, 'aws.rds')).toMatchObject({
      said: { FailedEntryCount: 1, Entries: [{ ErrorCode: 'NotAuthorizedForSourceException' }] },
      heard: 0,
    });
  });

  test('where the plan names nobody, its own functions are heard and a release is not', async () => {
    const nobody = { ...plan, signals: { ...plan.signals, senders: [] } };
    const { world, events } = await rehearseStacks(1, 300, undefined, nobody);
    world.estate.inject({ id: 'release', kind: 'bad-release' } as never);
    expect(events.some(({ source }) => source === 'chatops.deploy')).toBe(false);
    const kinds = (await world.store.readSignals(primary, 0)).map(({ kind }) => kind);
    expect(kinds).toEqual(expect.arrayContaining(['beat', 'canary-run', 'probe-run']));
    expect(world.denials()).toEqual([]);
  });
});

/** Each way between AWS's services, with what is sent on it and what has arrived. Nobody reads the queues. */
const onTheWay = {
  async event(rehearsal: Stacked) {
    const Detail = JSON.stringify({ windowId: 'window-77' });
    await rehearsal.call('eventbridge', 'PutEvents', entries('chatops.maintenance', Detail), { step: sender });
    return () => inQueue(rehearsal, 'signals');
  },
  async message(rehearsal: Stacked) {
    const QueueUrl = `https://sqs.${primary}.amazonaws.com/${account}/${prefix}-signals`;
    await rehearsal.call('sqs', 'SendMessage', { QueueUrl, MessageBody: 'window-77' }, { function: 'classify' });
    return () => inQueue(rehearsal, 'signals');
  },
  async notification(rehearsal: Stacked) {
    const TopicArn = `arn:aws:sns:${primary}:${account}:${prefix}-dba`;
    await rehearsal.call('sns', 'Publish', { TopicArn, Subject: 's', Message: 'window-77' });
    return () => rehearsal.messages.filter(({ body }) => body === 'window-77').length;
  },
};

type Stacked = Awaited<ReturnType<typeof rehearseStacks>>;

function inQueue({ world }: Stacked, queue: string, region = primary): number {
  const kept = world.stacks.get(region)?.queue(`arn:aws:sqs:${region}:${account}:${prefix}-${queue}`)?.bodies() ?? [];
  return kept.filter((body) => body.includes('window-77')).length;
}

describe.for(['event', 'message', 'notification'] as const)('of each %s on its way', (what) => {
  test.for([
    ['lost', 0, 0],
    ['late', 0, 1],
    ['doubled', 2, 2],
  ] as const)('that is %s there are %i after a minute and %i in the end', async ([effect, soon, atLast]) => {
    const rehearsal = await rehearseStacks(1, 60, (all) => all.map((one) => ({ ...one, mappings: [] })));
    rehearsal.estate.inject({ id: 'way', kind: 'message-fault', what, effect, text: 'window-77', lateSeconds: 120 });
    const arrived = await onTheWay[what](rehearsal);
    await rehearsal.pass(60);
    expect(arrived()).toBe(soon);
    await rehearsal.pass(90);
    expect(arrived()).toBe(atLast);
  });
});

test('a call that a role does not allow is refused in the words of IAM, and remembered', async () => {
  const without = 'cloudwatch:PutMetricData';
  const { world } = await rehearseStacks(1, 120, (all) =>
    all.map((one) => withoutRight(one, 'RunCanaryRole', without)),
  );
  const denial = { who: 'run-canary', action: without, resource: '*' };
  expect(world.denials()).toEqual([denial]);
});

test.for([
  ['SignalsQueuePolicy', 'sqs:SendMessage', 'signals'],
  ['Key', 'sqs:SendMessage', 'signals'],
] as const)('a rule that the policy of %s does not let in sends nothing', async ([name, action, queue]) => {
  const remove = (one: Deployment) => (one.region === primary ? withoutAllowed(one, name) : one);
  const { world } = await rehearseStacks(1, 120, (all) => all.map(remove));
  const refused = world.denials().filter((denial) => denial.action === action);
  expect(refused.map(({ resource }) => resource)).toContain(`arn:aws:sqs:${primary}:${account}:${prefix}-${queue}`);
});

test.for([
  ['its function', 'SweepRole'],
  ['its flow', 'AzFailoverMachineRole'],
  ['its rule', 'ForwardEventsRole'],
] as const)('a role that does not trust %s stops everything, at once and by name', async ([, name]) => {
  const distrusted = (one: Deployment): Deployment => {
    const role = one.place.resources[name];
    if (role === undefined) return one;
    const changed = { ...role, Properties: { ...role.Properties, AssumeRolePolicyDocument: { Statement: [] } } };
    return withResource(one, name, changed);
  };
  await expect(rehearseStacks(1, 60, (all) => all.map(distrusted))).rejects.toThrow(`${name} does not trust it`);
});

test.for([
  ['SignalsQueuePolicy', 'aws:SourceAccount', `${prefix}-signals`],
  ['Key', 'aws:SourceArn', `${prefix}-signals`],
] as const)(
  'a condition in %s on %s, which EventBridge does not send, lets nothing through',
  async ([name, key, queue]) => {
    const asking = (one: Deployment): Deployment =>
      changedPolicy(one, name, (statement) => ({ ...statement, Condition: { StringLike: { [key]: '*' } } }));
    const { world } = await rehearseStacks(1, 120, (all) => all.map(asking));
    const refused = world.denials().filter(({ action }) => action === 'sqs:SendMessage');
    expect(refused.map(({ resource }) => resource)).toContain(`arn:aws:sqs:${primary}:${account}:${queue}`);
  },
);

test('the gateway lets nobody through to a route that needs IAM who signs nothing, and knows no other path', async () => {
  const rehearsal = await rehearseStacks(1, 0);
  const stack = rehearsal.world.stacks.get(primary);
  if (stack === undefined) throw new Error('no stack');
  const ask = { method: 'POST', address: '192.0.2.1' } as const;
  expect(await visit(stack, { ...ask, path: '/requests/one' })).toMatchObject({ statusCode: 403 });
  expect(await visit(stack, { ...ask, path: '/elsewhere' })).toMatchObject({ statusCode: 404 });
});

test('a queue whose messages come back before their reader has to end is refused, as Lambda does', async () => {
  const brief = (one: Deployment): Deployment => ({
    ...one,
    queues: one.queues.map((queue) => ({ ...queue, visibilitySeconds: 24 })),
  });
  await expect(rehearseStacks(1, 60, (all) => all.map(brief))).rejects.toThrow(
    'Queue visibility timeout: 24 seconds is less than Function timeout: 25 seconds',
  );
});

type Statement = { readonly Effect: string; readonly Action?: unknown };
type Document = { readonly Statement: readonly Statement[] };

function withResource(one: Deployment, name: string, resource: Resource): Deployment {
  return { ...one, place: { ...one.place, resources: { ...one.place.resources, [name]: resource } } };
}

/** A stack whose role has every right but one. */
function withoutRight(one: Deployment, role: string, action: string): Deployment {
  const resource = one.place.resources[role];
  if (resource === undefined) return one;
  const policies = resource.Properties?.['Policies'] as { readonly PolicyDocument: Document }[];
  const Policies = policies.map((policy) => {
    const Statement = policy.PolicyDocument.Statement.filter(({ Action }) => ![Action].flat().includes(action));
    return { ...policy, PolicyDocument: { ...policy.PolicyDocument, Statement } };
  });
  return withResource(one, role, { ...resource, Properties: { ...resource.Properties, Policies } });
}

/** A stack in which a resource policy lets no service in any more. */
function withoutAllowed(one: Deployment, name: string): Deployment {
  return changedPolicy(one, name, () => null);
}

/** A stack in which what lets services in is other than deployed; null takes it away. */
function changedPolicy(one: Deployment, name: string, change: (statement: Statement) => Statement | null): Deployment {
  const resource = one.place.resources[name];
  if (resource === undefined) return one;
  const property = name === 'Key' ? 'KeyPolicy' : 'PolicyDocument';
  const document = resource.Properties?.[property] as Document;
  const isOfServices = (statement: Statement) =>
    statement.Effect !== 'Deny' && JSON.stringify(statement).includes('"Service"');
  const Statement = document.Statement.flatMap((statement) =>
    isOfServices(statement) ? (change(statement) ?? []) : [statement],
  );
  const Properties = { ...resource.Properties, [property]: { ...document, Statement } };
  return withResource(one, name, { ...resource, Properties });
}
