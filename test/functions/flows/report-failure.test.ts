// A flow that stopped reaches a person: which state, what was seen, how it goes on.
import 'aws-sdk-client-mock-vitest/extend';
import { readFileSync } from 'node:fs';
import { GetObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { GetExecutionHistoryCommand, type HistoryEvent, SFNClient } from '@aws-sdk/client-sfn';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test } from 'vitest';
import { handler } from '../../../functions/report-failure.ts';
import { act } from '../../../functions/shared/recovery/act.ts';
import { noteGivenBack, signAbort } from '../../../functions/shared/recovery/waivers.ts';
import { withRebuild } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { failureOf, regionIncident, running, setting } from '../setting.ts';

const sns = mocked(SNSClient);
const sfn = mocked(SFNClient);
const s3 = mocked(S3Client);
const sample = JSON.parse(readFileSync('events/states.execution-failed.json', 'utf8'));

beforeEach(() => {
  sns.reset();
  sfn.reset();
  sns.on(PublishCommand).resolves({});
});

function stopped(change: object = {}) {
  const detail = {
    ...sample.detail,
    stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-az-failover',
    name: 'by-hand',
    input: '{"incidentId":"us-east-1-x"}',
    ...change,
  };
  return { ...sample, detail };
}

const event = (
  id: number,
  previousEventId: number,
  type: HistoryEvent['type'],
  details: Partial<HistoryEvent> = {},
): HistoryEvent => ({
  id,
  previousEventId,
  type,
  timestamp: new Date(0),
  ...details,
});
const entered = (id: number, previous: number, name: string, item: object = {}) =>
  event(id, previous, 'TaskStateEntered', { stateEnteredEventDetails: { name, input: JSON.stringify(item) } });
const cause = JSON.stringify({
  errorType: 'CannotProceed',
  errorMessage: 'it has no standby in another zone',
  trace: ['at x'],
});

/** Newest first, as asked for: the database failed while the cache was at work beside it. */
const history: HistoryEvent[] = [
  event(12, 11, 'ExecutionFailed', { executionFailedEventDetails: { error: 'CannotProceed', cause } }),
  event(11, 10, 'MapIterationFailed'),
  event(10, 7, 'TaskFailed', {
    taskFailedEventDetails: { resourceType: 'lambda', resource: 'invoke', error: 'CannotProceed', cause },
  }),
  entered(9, 4, 'LeaveZone', { name: 'cache', kind: 'elasticache' }),
  event(7, 6, 'TaskStarted'),
  event(6, 5, 'TaskScheduled'),
  entered(5, 4, 'LeaveZone', { name: 'database', kind: 'rds-instance' }),
  event(4, 3, 'MapStateStarted'),
];

const messages = () => sns.commandCalls(PublishCommand).map((call) => call.args[0].input);

test('the message names the state and the asset that failed, what was seen, the runbook and the way on', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  await handler.on(setting())(stopped());
  expect(messages().map(({ TopicArn }) => TopicArn)).toEqual([
    'arn:aws:sns:us-east-1:111122223333:breakwater-test-on-call',
    'arn:aws:sns:us-east-1:111122223333:breakwater-test-infra-lead',
  ]);
  expect(messages()[0]?.Subject).toBe('[Breakwater] you are needed: STOPPED while moving database out of the zone');
  const body = messages()[0]?.Message ?? '';
  for (const part of [
    'Incident us-east-1-x',
    'Error: it has no standby in another zone\n',
    'docs/runbook.md#leave-zone)',
    'npm run resume -- by-hand --stage test',
    'Or go on without moving database out of the zone: that step stays undone, the flow does the rest. Type both:\n  npm run skip -- by-hand LeaveZone database --stage test',
  ]) {
    expect(body).toContain(part);
  }
});

test('where a region flow stopped, nothing is changed before another look, whoever has it go on; the page says what was called', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const { id, execution } = regionIncident;
  const fence = { step: 'fence/database', call: 'rds:ModifyDBInstance', target: 'chatops-prod', change: null };
  await act(regionIncident, fence, shell, async () => undefined);
  shell.at += 1_000;
  const machine = 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover';
  const change = { stateMachineArn: machine, name: execution, stopDate: shell.at };
  await handler.on(shell)(stopped({ ...change, input: JSON.stringify({ incidentId: id }) }));
  expect(messages()[0]?.Message).toContain('AWS calls so far: rds:ModifyDBInstance of chatops-prod in us-east-1');
  const promote = {
    step: 'take-over/database',
    call: 'rds:PromoteReadReplica',
    target: 'chatops-dr-replica',
    change: null,
  };
  expect((await failureOf(act(regionIncident, promote, shell, async () => undefined))).name).toBe('ApprovalStale');
});

test('a region flow that stopped after a cache took over says how that is moved back before the line that aborts', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const { id, execution } = regionIncident;
  const call = { step: 'take-over/cache', call: 'elasticache:FailoverGlobalReplicationGroup', target: 'ldgnf-chatops' };
  await act(regionIncident, { ...call, change: null, region: 'us-west-2' }, shell, async () => undefined);
  const machine = 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover';
  const input = JSON.stringify({ incidentId: id, target: { region: 'us-east-1' } });
  await handler.on(shell)(stopped({ stateMachineArn: machine, name: execution, input }));
  const body = messages()[0]?.Message ?? '';
  const back = body.indexOf('- ldgnf-chatops was asked to make us-west-2 its primary');
  expect(back).toBeGreaterThan(body.indexOf('If users are to stay in us-east-1, FIRST move back'));
  expect(body.indexOf('npm run abort -- ')).toBeGreaterThan(back);
});

test('a fence watch that stopped asks nobody to resume it: it is started again', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const machine = 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-fence-watch';
  const input = JSON.stringify({ incident: regionIncident });
  await handler.on(setting())(stopped({ stateMachineArn: machine, input }));
  expect(messages()[0]?.Message).toContain('Nothing yet: Breakwater starts the watch again.');
  // Which region it is, and in which incident: whoever reads it may see two.
  expect(messages()[0]?.Message).toContain(`Incident ${regionIncident.id}, execution by-hand.`);
  expect(messages()[0]?.Message).toContain('us-east-1 is not fenced yet.');
  expect(messages()[0]?.Message).not.toContain('npm run resume');
});

const invoke = { resourceType: 'lambda', resource: 'invoke' };

describe('a flow that found its region locked', () => {
  const input = (by: string) =>
    JSON.stringify({ target: { region: 'us-east-1' }, reason: 'again', requestedBy: by, expectedEpoch: 1 });
  const told = async (why: 'LockHeld' | 'InvalidInput' | 'Frozen', by: string, shell = setting(), name = 'second') => {
    const cause = JSON.stringify({ errorType: why, errorMessage: `${why} it is`, trace: [] });
    sfn.on(GetExecutionHistoryCommand).resolves({
      events: [
        event(4, 3, 'TaskFailed', { taskFailedEventDetails: { ...invoke, error: why, cause } }),
        entered(3, 2, 'TakeLock'),
      ],
    });
    const stateMachineArn = 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-region-failover';
    await handler.on(shell)(stopped({ stateMachineArn, name, input: input(by) }));
    const { Subject = '', Message = '' } = messages()[0] ?? {};
    return { subject: Subject, body: Message };
  };
  const holds = ['keeps its lock', 'npm run abort', 'waits until a person acts'];

  test('has not begun: it is started again when the other one has ended, and nobody ends that one for it', async () => {
    const { subject, body } = await told('LockHeld', 'operator', await running(regionIncident));
    expect(subject).toBe('[Breakwater] Not urgent: a flow has not begun: another flow acts on us-east-1');
    for (const part of [
      'Wait until the other flow has ended. Then start this one again, if it is still needed (',
      'Do NOT end the other flow because of this message.',
      'This flow has not begun: it holds no lock, and has changed nothing.',
      `: ${regionIncident.execution}. It goes first.`,
    ])
      expect(body).toContain(part);
    for (const part of [...holds, 'npm run resume']) expect(body).not.toContain(part);
  });

  test('says so also where nobody can read who holds it', async () => {
    const shell = setting();
    shell.store.readStanding = () => Promise.reject(new Error('no answer'));
    const { body } = await told('LockHeld', 'operator', shell);
    expect(body).toContain('it holds no lock');
    expect(body).not.toContain('The flow that acts on');
  });

  test('which Breakwater had decided is looked after by people: nothing decides it again', async () => {
    const { subject, body } = await told('LockHeld', 'classify', await running(regionIncident));
    expect(subject).toBe('[Breakwater] you are needed: a flow has not begun: another flow acts on us-east-1');
    expect(body).toContain('npm run resume -- second --stage test');
    expect(body).not.toContain('npm run abort');
  });

  test('or was given a wrong input says what was expected, and begins by a new start alone', async () => {
    const { subject, body } = await told('InvalidInput', 'operator');
    expect(subject).toBe('[Breakwater] Not urgent: a flow has not begun: its input does not fit');
    expect(body).toMatch(/Correct this, then start the flow again, .*#take-lock\): InvalidInput it is\n/);
    for (const part of [...holds, 'npm run resume']) expect(body).not.toContain(part);
    sns.resetHistory();
    const ours = await told('InvalidInput', 'classify', setting());
    expect(ours.subject).toContain('you are needed: ');
    expect(ours.body).not.toContain('npm run resume');
  });

  test('or Breakwater frozen begins after the unfreeze', async () => {
    const { subject, body } = await told('Frozen', 'operator');
    expect(subject).toBe('[Breakwater] Not urgent: a flow has not begun: Breakwater is FROZEN');
    expect(body).toContain('  npm run unfreeze -- --stage test\n  npm run resume -- second --stage test');
    for (const part of holds) expect(body).not.toContain(part);
  });

  test('keeps the lock that an earlier try of it took', async () => {
    const { body } = await told('Frozen', 'operator', await running(regionIncident), regionIncident.execution);
    expect(body).toContain('It keeps its lock: no other flow acts here.');
  });
});

test('of a degradation that another execution has told people of, nothing is needed', async () => {
  const shell = setting();
  sfn.on(GetExecutionHistoryCommand).resolves({
    events: [
      event(4, 3, 'TaskFailed', { taskFailedEventDetails: { ...invoke, error: 'LockHeld', cause: '' } }),
      entered(3, 2, 'TakeLock'),
    ],
  });
  const stateMachineArn = 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-service-degradation';
  const input = JSON.stringify({ target: { region: 'us-east-1' }, requestedBy: 'classify' });
  await handler.on(shell)(stopped({ stateMachineArn, input }));
  expect(messages()[0]?.Subject).toBe(
    '[Breakwater] For information: a flow has not begun: another flow acts on us-east-1',
  );
});

test('a hold that nobody could be told of holds nothing, and its page says so', async () => {
  const events = [event(5, 4, 'ExecutionFailed'), event(4, 3, 'TaskFailed'), entered(3, 2, 'PageHeld')];
  sfn.on(GetExecutionHistoryCommand).resolves({ events });
  await handler.on(setting())(stopped());
  expect(messages()[0]?.Message).toContain('The flow has given its lock back: another flow may act.');
  expect(messages()[0]?.Message).not.toContain('keeps its lock');
});

test('one who cannot be told that a flow stopped is named to the others, and the stop counts as told', async () => {
  sns
    .on(PublishCommand, { TopicArn: 'arn:aws:sns:us-east-1:111122223333:breakwater-test-on-call' })
    .rejects(
      Object.assign(new Error('no'), { name: 'AuthorizationErrorException', $metadata: { httpStatusCode: 403 } }),
    );
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  await handler.on(setting())(stopped());
  expect(messages().map(({ Subject }) => Subject)).toContain(
    '[Breakwater] NOT TOLD: on-call: you are needed: STOPPED while moving database out of the zone',
  );
});

test('the state is found on a later page of a long history', async () => {
  sfn.on(GetExecutionHistoryCommand).resolvesOnce({ events: history.slice(0, 5), nextToken: 'more' });
  sfn.on(GetExecutionHistoryCommand, { nextToken: 'more' }).resolves({ events: history.slice(5) });
  await handler.on(setting())(stopped());
  expect(messages()[0]?.Subject).toContain('moving database out of the zone');
});

test('an execution that was aborted stopped where it had come to', async () => {
  const events = [event(5, 4, 'ExecutionAborted'), event(4, 3, 'TaskScheduled'), entered(3, 2, 'WatchZone')];
  sfn.on(GetExecutionHistoryCommand).resolves({ events });
  await handler.on(setting())(stopped({ status: 'ABORTED' }));
  expect(messages()[0]?.Subject).toBe('[Breakwater] you are needed: STOPPED while watching the zone');
});

test('people hear once of each time it stops, also after a redrive', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const shell = setting();
  await handler.on(shell)(stopped());
  await handler.on(shell)(stopped());
  expect(messages()).toHaveLength(2);
  await handler.on(shell)(stopped({ stopDate: 1_551_225_999_999 }));
  expect(messages()).toHaveLength(4);
});

test.for([
  ['a database that was asked to take over', 'take-over/database', true],
  ['a cluster alone', 'take-over/cluster', false],
] as const)(
  'a region flow that stopped names the line that aborts only where that loses nothing: %s',
  async ([, step, isTaken]) => {
    sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
    const shell = await running(regionIncident, { region: 'us-west-2' });
    const { id, execution, region } = regionIncident;
    const call = { call: 'x', target: 'y', actor: 'classify', drill: false, region: 'us-west-2', step } as const;
    await shell.store.audit({ incident: id, execution, at: shell.at, ...call });
    const machine = 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover';
    const input = JSON.stringify({ incidentId: id, target: { region } });
    await handler.on(shell)(stopped({ stateMachineArn: machine, name: execution, input }));
    expect(messages()[0]?.Message?.includes('npm run abort')).toBe(!isTaken);
    expect(messages()[0]?.Message?.includes('Do NOT abort it before you have read ')).toBe(isTaken);
  },
);

test('of a flow whose region was given back nobody is asked anything: it has found that, and has ended', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const shell = setting();
  await noteGivenBack('by-hand', shell);
  await handler.on(shell)(stopped());
  expect(messages()[0]?.Subject).toBe(
    '[Breakwater] For information: a planned flow has ended: its region had been given back',
  );
});

test('people hear of it when the table refuses everything; what could not be kept is tried again, and nobody hears it twice once it answers', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  const shell = await running(regionIncident, { region: 'us-west-2' });
  const { id, execution } = regionIncident;
  const { store } = shell;
  const refuse = () => Promise.reject(new Error('the table refuses'));
  const dark = new Proxy(store, { get: () => refuse });
  const machine = 'arn:aws:states:us-west-2:111122223333:stateMachine:breakwater-test-region-failover';
  const change = { stateMachineArn: machine, name: execution, stopDate: shell.at };
  const event = stopped({ ...change, input: JSON.stringify({ incidentId: id }) });
  expect(await failureOf(handler.on({ ...shell, store: dark })(event))).toMatchObject({ message: 'the table refuses' });
  const { failure } = plan.notifications;
  expect(messages().map(({ Subject }) => Subject)).toEqual(
    failure.map(() => '[Breakwater] you are needed: STOPPED while moving database out of the zone'),
  );
  for (const _try of [1, 2]) await handler.on(shell)(event);
  expect(messages()).toHaveLength(2 * failure.length);
  expect((await store.readSteps(id)).some(({ step }) => step.startsWith('paused/'))).toBe(true);
});

test('people hear of it when the history cannot be read', async () => {
  sfn.on(GetExecutionHistoryCommand).rejects(Object.assign(new Error('dark'), { name: 'TimeoutError', $metadata: {} }));
  await handler.on(setting())(
    stopped({ input: 'not json', error: 'LockHeld', cause: 'another execution acts on us-east-1' }),
  );
  expect(messages()[0]?.Subject).toBe('[Breakwater] you are needed: STOPPED in a state that is not known');
  expect(messages()[0]?.Message).toContain('Error: another execution acts on us-east-1');
  expect(messages()[0]?.Message).toContain('Incident manual-by-hand');
});

test.for([
  ['of another system', { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:billing' }],
  [
    'of another deployment whose name begins alike',
    { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-eu-az-failover' },
  ],
  ['that succeeded', { status: 'SUCCEEDED' }],
  ['that runs', { status: 'RUNNING' }],
] as const)('nobody is called for an execution %s', async ([, change]) => {
  await handler.on(setting())(stopped(change));
  expect(messages()).toEqual([]);
});

test.for([
  ['that it has started', { input: '{"drill":true}' }],
  ['by its own flow', { stateMachineArn: 'arn:aws:states:us-east-1:111122223333:stateMachine:breakwater-test-drill' }],
] as const)('what a drill has stopped says so in its subject: %s', async ([, change]) => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history });
  await handler.on(setting())(stopped(change));
  expect(messages()[0]?.Subject).toMatch(
    /^\[Breakwater\] \[DRILL\] you are needed: STOPPED while moving database out of the zone$/,
  );
});

test('one that a person has aborted is told as that, with nothing to redrive', async () => {
  sfn.on(GetExecutionHistoryCommand).resolves({ events: history.slice(5) });
  const shell = setting();
  await signAbort('by-hand', 'ana', shell);
  await handler.on(shell)(stopped({ status: 'ABORTED' }));
  expect(messages()[0]?.Subject).toBe('[Breakwater] ABORTED while moving database out of the zone');
  const body = messages()[0]?.Message ?? '';
  expect(body).toContain('ana aborted the flow at 03:00 UTC.');
  expect(body).toContain('npm run abort -- by-hand --stage test');
  expect(body).not.toContain('npm run resume');
});

describe('a build that no flow waits for', () => {
  const build = JSON.parse(readFileSync('events/codebuild.build-failed.json', 'utf8'));
  const rebuilt = withRebuild(plan);
  const failed = (change: object = {}, more: object = {}) => {
    const information = { ...build.detail['additional-information'], ...more };
    return { ...build, detail: { ...build.detail, ...change, 'additional-information': information } };
  };
  const told = (text: string | null) => {
    s3.reset();
    if (text === null) s3.on(GetObjectCommand).rejects(new Error('none'));
    else s3.on(GetObjectCommand).resolves({ Body: { transformToString: async () => text } as never });
  };
  const withVariable = (name: string) => ({
    environment: { 'environment-variables': [{ name, type: 'PLAINTEXT', value: 'x' }] },
  });

  test('is told within its minute to who owns the cluster, with what its scripts told', async () => {
    told('what would be backed up names us-east-1\nIngress chatops/api: arn:x\n');
    await handler.on(setting({ plan: rebuilt }))(failed());
    expect(s3.commandCalls(GetObjectCommand)[0]?.args[0].input).toEqual({
      Bucket: 'chatops-recovery-us-west-2',
      Key: 'builds/8745a7a9-c340-456a-9166-edf953571bef.txt',
    });
    const [message, ...others] = messages();
    expect(others).toEqual([]);
    const { owners, level1 } = rebuilt.notifications;
    const owner = owners['eks-cluster'] ?? owners['other'] ?? level1[0];
    expect(message?.TopicArn).toBe(`arn:aws:sns:us-east-1:111122223333:breakwater-test-${owner}`);
    expect(message?.Subject).toBe('[Breakwater] Not urgent: build breakwater-test-back-up-cluster failed in us-east-1');
    for (const part of [
      '  npm run build -- breakwater-test-back-up-cluster --region us-east-1 --stage test',
      'The build failed in BUILD. It copies what runs in cluster chatops-prod into chatops-recovery-us-west-2, for us-west-2.',
      'Reason: exit status 22',
      'Ingress chatops/api: arn:x',
      'Log: https://console.aws.amazon.com/cloudwatch/home?region=us-east-1#logEvent',
    ])
      expect(message?.Message).toContain(part);
  });

  test('is told where what it told cannot be read, and once', async () => {
    told(null);
    const shell = setting({ plan: rebuilt });
    for (let time = 0; time < 2; time += 1) await handler.on(shell)(failed({ 'build-status': 'TIMED_OUT' }));
    expect(messages()).toHaveLength(1);
    expect(messages()[0]?.Message).toContain('The build timed out in BUILD.');
  });

  test.for([
    ['was started by a flow, which follows it itself', failed({}, withVariable('BREAKWATER_INCIDENT'))],
    ['is of a project that is not the stack’s own', failed({ 'project-name': 'another' })],
    ['ended well', failed({ 'build-status': 'SUCCEEDED' })],
  ] as const)('is not told where it %s', async ([, event]) => {
    told('x');
    await handler.on(setting({ plan: rebuilt }))(event);
    expect(messages()).toEqual([]);
  });

  test('is told where a person started it by hand', async () => {
    told(null);
    await handler.on(setting({ plan: rebuilt }))(failed({}, withVariable('TASK')));
    expect(messages()).toHaveLength(1);
  });

  test('is told with the task that a person gave it', async () => {
    told(null);
    const variables = [{ name: 'TASK', type: 'PLAINTEXT', value: 'scale' }];
    const environment = { environment: { 'environment-variables': variables } };
    const project = { 'project-name': 'breakwater-test-recover-cluster' };
    await handler.on(setting({ plan: rebuilt }))(failed(project, environment));
    expect(messages()[0]?.Message).toContain(
      '  npm run build -- breakwater-test-recover-cluster --region us-east-1 --stage test --task scale\n',
    );
  });

  test('is told with nothing that CodeBuild may leave out', async () => {
    told(null);
    const { 'additional-information': _, ...detail } = build.detail;
    await handler.on(setting({ plan: rebuilt }))({ ...build, detail });
    expect(messages()[0]?.Message).toContain('The build printed nothing. Its log says why.');
  });
});
