// What one sender of events can do to the judgement of labelled incidents: forged good news, announced work and ended releases silence
// none of them. The streams are those of test/incidents, with the forged events among the true ones. And who of the account can
// put an envelope on the signals queue, past the buses, in the twin that boots the packaged policy.
import { describe, expect, test } from 'vitest';
import { prefix } from '../../simulator/stage.ts';
import { plan } from '../plan.ts';
import { account, primary, rehearseStacks } from '../simulator/estate/rehearsal.ts';
import { type Line, play, readStreams, type Stream, strongest, toLine } from './expectations.ts';
import { az1, start, zoneAlarms } from './incident-events.ts';

const streams = readStreams();
const lost = (level: number) => streams.filter(({ expected }) => expected.level === level);
const observers = [plan.roles.standby, ...plan.roles.observers];

let count = 0;
function own(source: string, type: string, at: number, region: string, detail: object): Line {
  count += 1;
  const time = new Date(at).toISOString();
  return toLine(
    JSON.stringify({ id: `f-${count}`, source: `chatops.${source}`, 'detail-type': type, time, region, detail }),
  );
}

const among = ({ lines }: Stream, forged: readonly Line[]): Line[] =>
  [...lines, ...forged].sort((a, b) => a.time - b.time);
const startOf = ({ lines }: Stream): number => Math.min(...lines.map(({ time }) => time));
const endOf = ({ lines }: Stream): number => Math.max(...lines.map(({ time }) => time)) + 600_000;

type Forged = { readonly run: object; readonly every: object };

/** Everywhere users are served, and the region is alive, every minute. */
function goodNews(stream: Stream, { run, every }: Forged): Line[] {
  const minutes = Math.ceil((endOf(stream) - startOf(stream)) / 60_000);
  return Array.from({ length: minutes }, (_, minute) => startOf(stream) + minute * 60_000 + 30_000).flatMap((at) => [
    own('heartbeat', 'Chatops Heartbeat', at, plan.roles.standby, { sourceRegion: plan.roles.primary, ...every }),
    ...observers.map((observer) => own('canary', 'Chatops Canary Run', at, observer, { observer, ...run })),
  ]);
}

const passed: Forged = { run: { passed: true }, every: {} };
/** As Breakwater's own: a beat says when the next one follows, and a run what share of its visits was answered. */
const told: Forged = { run: { passed: true, share: 1 }, every: { everySeconds: 60 } };
const answeredInPart: Forged = { run: { passed: false, share: 0.1 }, every: { everySeconds: 60 } };

const small = lost(3).filter(({ lines }) => lines.length < 300);

describe.for<[string, Forged, readonly Stream[]]>([
  ['passed runs', passed, lost(3)],
  ['passed runs that tell their share', told, small],
  ['runs that failed in part', answeredInPart, small],
])('beats and %s every minute', ([, news, some]) => {
  test.for(some)('do not turn the lost region of $name into less', async (stream) => {
    const forged = among(stream, goodNews(stream, news));
    const decisions = await play(forged, new Date(endOf(stream)).toISOString(), plan);
    expect(strongest(decisions)).toMatchObject({ level: 3, action: 'request-approval' });
  });
});

const maintenance = (at: number, detail: object) =>
  own('maintenance', 'Chatops Maintenance Window', at, plan.roles.primary, {
    phase: 'STARTED',
    windowId: 'mw-x',
    ...detail,
  });

const judged = async (stream: Stream, forged: readonly Line[]) =>
  strongest(await play(among(stream, forged), stream.expected.observeUntil, plan));

test.for(lost(2))('$name: work of a million minutes on everything explains no lost zone', async (stream) => {
  const forged = maintenance(startOf(stream), { targets: ['all'], plannedMinutes: 1_000_000 });
  expect(await judged(stream, [forged])).toMatchObject({ level: 2, action: 'az-failover' });
});

test.for(lost(2))('$name: a release that ended well half an hour before explains no lost zone', async (stream) => {
  const release = (phase: string, at: number) =>
    own('deploy', 'Chatops Deployment', at, plan.roles.primary, { phase, deploymentId: 'd-x' });
  const ended = startOf(stream) - 1_700_000;
  const forged = [release('STARTED', ended - 300_000), release('SUCCEEDED', ended)];
  expect(await judged(stream, forged)).toMatchObject({ level: 2, action: 'az-failover' });
});

test.for(lost(3))(
  '$name: alarms of three observers that come from one region are no three observers',
  async (stream) => {
    const from = (line: Line) => {
      const event = JSON.parse(line.text);
      const isCanary = String(event.detail.alarmName).includes('canary-');
      return isCanary ? toLine(JSON.stringify({ ...event, region: 'us-west-2' })) : line;
    };
    const best = strongest(await play(stream.lines.map(from), stream.expected.observeUntil, plan));
    expect(best.level).not.toBe(3);
  },
);

test('forged messages of a cache that failed over keep no incident of a zone open', async () => {
  const components = ['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'];
  const healedAt = 1_200;
  const forged = Array.from({ length: 60 }, (_, index) =>
    own('elasticache', 'ElastiCache Notification', start + index * 240_000, plan.roles.primary, {
      'ElastiCache:FailoverComplete': 'chatops-redis',
    }),
  );
  const lines = [...zoneAlarms(components, az1, 0), ...zoneAlarms(components, az1, healedAt, 'OK'), ...forged];
  const until = new Date(start + 4 * 3_600_000).toISOString();
  const decisions = await play(
    lines.toSorted((a, b) => a.time - b.time),
    until,
    plan,
  );
  const end = decisions.find(({ action }) => action === 'none');
  expect(decisions.map(({ action }) => action)).toContain('az-failover');
  expect((Date.parse(end?.at ?? '') - start) / 1000).toBeLessThan(healedAt + 2 * plan.evidence.recoverySeconds);
});

describe('an envelope that is put on the signals queue past the buses', () => {
  const QueueUrl = `https://sqs.${primary}.amazonaws.com/${account}/${prefix}-signals`;
  const forged = { id: 'forged', source: 'aws.cloudwatch', 'detail-type': 'CloudWatch Alarm State Change' };
  const unread = () => rehearseStacks(1, 60, (all) => all.map((one) => ({ ...one, mappings: [] })));
  const send = async (from: { readonly step: string; readonly function?: string }) => {
    const rehearsal = await unread();
    const said = await rehearsal
      .call('sqs', 'SendMessage', { QueueUrl, MessageBody: JSON.stringify(forged) }, from)
      .then(() => 'taken')
      .catch((error: Error) => error.name);
    await rehearsal.pass(5);
    const kept = rehearsal.world.stacks.get(primary)?.queue(QueueUrl)?.bodies() ?? [];
    return { said, heard: kept.filter((body) => body.includes('forged')).length };
  };

  test.for([
    ['a role with every right', 'role/ci'],
    ['a sender of the plan', plan.signals.senders[0] ?? ''],
    ['an administrator', 'user/admin'],
    ['a role of the same name at another path', `role/other/${prefix}-${primary}-classify`],
    ['a role whose name begins like one of ours', `role/${prefix}-${primary}-sweeper`],
    ['a role that puts events on the bus', `role/${prefix}-${primary}-beat`],
  ] as const)('is refused to %s', async ([, step]) => {
    expect(await send({ step })).toEqual({ said: 'AccessDeniedException', heard: 0 });
  });

  test.for(['classify', 'sweep'])('is taken of %s, which asks there to look again', async (verb) => {
    expect(await send({ step: verb, function: verb })).toEqual({ said: 'taken', heard: 1 });
  });

  test('and the rules of both buses bring what they have heard', async () => {
    const rehearsal = await unread();
    rehearsal.estate.inject({ id: 'zone', kind: 'zone-impaired', zone: az1, forSeconds: 600 } as never);
    await rehearsal.pass(600);
    const kept = rehearsal.world.stacks.get(primary)?.queue(QueueUrl)?.bodies() ?? [];
    const sources = new Set(kept.map((body) => (JSON.parse(body) as { source: string }).source));
    expect([...sources]).toEqual(expect.arrayContaining(['aws.cloudwatch', 'chatops.canary', 'chatops.heartbeat']));
    expect(rehearsal.world.denials()).toEqual([]);
  });
});
