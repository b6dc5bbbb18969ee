// Assessing, asking and recording: what people are shown, what they are asked, and what is compared with it afterwards.
import { moment } from '../../../functions/domain/page/page-times.ts';
import 'aws-sdk-client-mock-vitest/extend';
import { CloudWatchClient, GetMetricDataCommand, type GetMetricDataCommandInput } from '@aws-sdk/client-cloudwatch';
import { DescribeGlobalReplicationGroupsCommand, ElastiCacheClient } from '@aws-sdk/client-elasticache';
import {
  DescribeDBInstanceAutomatedBackupsCommand,
  DescribeDBInstancesCommand,
  DescribeDBSnapshotsCommand,
  DescribeDBSubnetGroupsCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetHostedZoneCommand, ListResourceRecordSetsCommand, Route53Client } from '@aws-sdk/client-route-53';
import { PublishCommand, SNSClient } from '@aws-sdk/client-sns';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { handler as assess } from '../../../functions/assess.ts';
import { LookupClient } from '../../../functions/aws/looking/lookups.ts';
import type { RecordedAnswer } from '../../../functions/domain/types.ts';
import { outcomeSentences } from '../../../functions/domain/words/outcome-words.ts';
import { handler as recordFailover } from '../../../functions/record-failover.ts';
import { handler as releaseLock } from '../../../functions/release-lock.ts';
import { handler as requestApproval } from '../../../functions/request-approval.ts';
import { planHash } from '../../../functions/shared/approval/hash.ts';
import type { Call } from '../../../simulator/estate/types.ts';
import { runIn } from '../../../simulator/sdk.ts';
import { without, withSecondDatabase } from '../../assets.ts';
import { mocked } from '../../mocked.ts';
import { plan } from '../../plan.ts';
import { lookedUp, restorable } from '../kinds/rds-instance/restoring/restorable.ts';
import {
  failureOf,
  regionIncident as incident,
  openIncident,
  reached,
  running,
  type Setting,
  start,
} from '../setting.ts';

const rds = mocked(RDSClient);
const cloudWatch = mocked(CloudWatchClient);
const elastiCache = mocked(ElastiCacheClient);
const route53 = mocked(Route53Client);
const sns = mocked(SNSClient);
/** What SSM says of each parameter: the other looks are asked as ever. */
let parameter: () => object;
const others = LookupClient.prototype.send;
let shell: Setting;

const dark = Object.assign(new Error('no answer'), { name: 'TimeoutError', $metadata: {} });
const nameOf = async (run: Promise<unknown>) => (await failureOf(run)).name;

function lag(...points: readonly (readonly [seconds: number, lag: number])[]): void {
  cloudWatch.on(GetMetricDataCommand).callsFake(({ StartTime, EndTime }: { StartTime: Date; EndTime: Date }) => {
    const inside = points
      .map(([seconds, value]) => [new Date(start + seconds * 1000), value] as const)
      .filter(([at]) => at >= StartTime && at < EndTime);
    return {
      MetricDataResults: [{ Id: 'm0', Timestamps: inside.map(([at]) => at), Values: inside.map(([, value]) => value) }],
    };
  });
}

beforeEach(async () => {
  for (const client of [rds, cloudWatch, elastiCache, route53, sns]) client.reset();
  parameter = () => ({ Value: 'prod.us-east-1', Type: 'String' });
  vi.spyOn(LookupClient.prototype, 'send').mockImplementation(async function (this: LookupClient, command) {
    return command.service === 'ssm' ? { Parameter: parameter() } : others.call(this, command);
  });
  shell = await running(incident, {
    region: 'us-west-2',
    fetch: async () => new Response(null, { status: 503 }),
  });
  sns.on(PublishCommand).resolves({});
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
  rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({});
  rds.on(DescribeDBSnapshotsCommand).resolves({});
  rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({
    DBInstances: [
      {
        DBInstanceStatus: 'available',
        ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
        StatusInfos: [{ StatusType: 'read replication', Normal: true }],
      },
    ],
  });
  elastiCache.on(DescribeGlobalReplicationGroupsCommand).resolves({
    GlobalReplicationGroups: [
      {
        Status: 'available',
        Members: [{ ReplicationGroupId: 'chatops-redis-dr', ReplicationGroupRegion: 'us-west-2', Role: 'SECONDARY' }],
      },
    ],
  });
  lag([-90, 3], [-30, 2], [60, 9000]);
});

const look = (request: string | null = null, retries = 0) =>
  assess.on(shell)({ incident, request, retries }) as Promise<Assessed>;
type Assessed = {
  offered: boolean;
  way: string;
  why: string;
  alternatives: readonly { way: string; offered: boolean }[];
  unfenced: readonly string[];
  unfencedAssets: readonly string[];
  approved: boolean;
  approvedUnfenced: readonly string[];
  changed: string | null;
  writesEndedAt: number;
  predicted: { dataLossSeconds: number | null; recoverySeconds: number | null };
  bounds: {
    plan: string;
    target: string;
    ways: Readonly<Record<string, string>>;
    unfenced: readonly string[];
    lossCeilingSeconds: number | null;
  };
};

function failed(): never {
  throw new Error('there is no such request');
}

async function ask(round = 1, taskToken = 'token-1'): Promise<string> {
  const assessment = await look();
  const asked = await requestApproval.on(shell)({ incident, assessment, round, changed: null, taskToken });
  return (asked as { request: string }).request;
}

async function approve(request: string, ...approvers: readonly string[]): Promise<void> {
  for (const approver of approvers) {
    const answer: RecordedAnswer = {
      request,
      approver,
      answer: 'approve',
      unfenced: ['us-east-1'],
      reason: 'yes',
      at: shell.at,
      from: 'test',
      valid: true,
      why: '',
    };
    await shell.store.keepAnswer(answer);
  }
  await shell.store.settleRequest(request, 'approved', shell.at);
}

describe('the assessment', () => {
  test('offers a way with its loss from before the outage, and names what cannot be fenced', async () => {
    const found = await look();
    expect(found).toMatchObject({ offered: true, unfenced: ['us-east-1'], approved: false, changed: null });
    expect(found.bounds).toMatchObject({ plan: planHash(plan), target: 'us-east-1', unfenced: ['us-east-1'] });
    expect(found.predicted.dataLossSeconds).toBeLessThan(9000);
    expect(found.predicted.dataLossSeconds).toBeGreaterThanOrEqual(2);
  });

  test('tells what is wrong with the region that takes over, in the mail too', async () => {
    expect(await look()).toMatchObject({
      takingOver: { region: 'us-west-2', incident: null, controlPlanes: [] },
    });
    await shell.store.writeIncident({
      ...openIncident,
      ...{ id: 'own', region: 'us-west-2', level: 2, scope: { region: 'us-west-2', zone: 'usw2-az1' } },
      decisions: [
        {
          ...{ at: start, level: 2, scope: { region: 'us-west-2', zone: 'usw2-az1' }, evidence: [], causes: [] },
          ...{ attempt: 1, execution: null, action: 'hold', reason: 'not-primary: api fails in usw2-az1' },
        },
      ],
      closedAt: null,
      version: 1,
    });
    const probe = { kind: 'probe', at: start, region: 'us-west-2', observer: 'us-east-1' } as const;
    await shell.store.keepSignals([
      { ...probe, id: 'p-1', key: 'probe-rds', service: 'rds', condition: 'failing' },
      { ...probe, id: 'p-2', key: 'probe-eks', service: 'eks', condition: 'healthy' },
    ]);
    const takingOver = {
      ...{ region: 'us-west-2', controlPlanes: ['rds'] },
      incident: { id: 'own', level: 2, place: 'usw2-az1', reason: 'not-primary: api fails in usw2-az1' },
    };
    // It is for people to weigh: what takes over is there.
    expect(await look()).toMatchObject({ offered: true, takingOver });
    const request = await shell.store.readRequest(await ask());
    expect(request?.shown).toMatchObject({ takingOver });
    const mail = sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
    expect(mail).toContain('us-west-2 has an open incident of its own, own, since');
    expect(mail).toContain('Control planes of us-west-2 do not answer: rds.');
  });

  test('names no trouble of its own where it restores what stands there: its incident is the one that is open', async () => {
    const own = { ...incident, standby: incident.region };
    await shell.store.writeIncident({ ...openIncident, id: incident.id });
    expect(await shell.store.readOpenIncident(incident.region)).toMatchObject({ id: incident.id });
    const found = (await assess.on(shell)({ incident: own, request: null, retries: 99 })) as object;
    expect(found).toMatchObject({ takingOver: { region: incident.region, incident: null } });
  });

  test.for<[string, () => unknown, object]>([
    [
      'is an alias',
      () =>
        route53.on(ListResourceRecordSetsCommand).resolves({
          ResourceRecordSets: [{ Name: `${plan.redirection.record}.`, Type: 'A', AliasTarget: { ...target } }],
          ...{ IsTruncated: false, MaxItems: 300 },
        }),
      { offered: false, why: expect.stringContaining('is an alias of type A; a changed record is a simple CNAME') },
    ],
    [
      'cannot be looked at now',
      () => route53.on(ListResourceRecordSetsCommand).rejects(dark),
      { offered: true, why: expect.stringMatching(/whether \S+ can be changed is NOT KNOWN: look at the record/) },
    ],
    [
      'may not be looked at',
      () =>
        route53
          .on(ListResourceRecordSetsCommand)
          .rejects(Object.assign(new Error('no'), { name: 'AccessDenied', $metadata: { httpStatusCode: 403 } })),
      { offered: true, why: expect.stringContaining('is NOT KNOWN: look at the record') },
    ],
  ])('of a plan that changes a record: one that %s is said before anything is given up', async ([, arrange, found]) => {
    route53.on(GetHostedZoneCommand).resolves({
      HostedZone: { Id: 'Z1', Name: 'chatops.example.com.', CallerReference: 'c' },
    });
    arrange();
    shell = { ...shell, plan: { ...plan, redirection: { ...plan.redirection, mode: 'record-change' } } };
    expect(await look()).toMatchObject(found);
  });

  describe('of what the application is configured with', () => {
    const sealed = () => {
      parameter = () => ({ Value: 'AQICAHh0', Type: 'SecureString' });
    };
    const failsBy = (error: Error) => {
      parameter = () => {
        throw error;
      };
    };
    const isSealed = 'parameter /chatops/database/host in us-west-2 is a SecureString, expected a String';

    test('a SecureString is an obstacle before anything is given up', async () => {
      sealed();
      expect(await look()).toMatchObject({ offered: false, why: expect.stringContaining(isSealed) });
    });

    test('a SecureString stops nothing once a database was asked to take over: then the step says it', async () => {
      sealed();
      await shell.store.audit({
        ...{ incident: incident.id, at: start, step: 'take-over/database', actor: 'classify', drill: false },
        ...{ execution: incident.execution, region: 'us-west-2' },
        ...{ call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' },
      });
      expect((await look()).why).not.toContain('SecureString');
    });

    test('a parameter that is not there is no obstacle: a takeover makes it', async () => {
      const gone = { name: 'ParameterNotFound', $metadata: { httpStatusCode: 400 } };
      failsBy(Object.assign(new Error('no'), gone));
      expect(await look()).toMatchObject({ offered: true, why: expect.not.stringContaining('parameter') });
    });

    test('a Parameter Store that does not answer is no obstacle, and people read that nobody knows', async () => {
      failsBy(dark);
      const why = expect.stringContaining('whether the parameters in us-west-2 can be written is NOT KNOWN');
      expect(await look()).toMatchObject({ offered: true, why });
    });

    test.for([
      ['the database that it names', 'database', true],
      ['another database', 'orders', false],
    ] as const)('a restore where it stands looks at it for the address of %s', async ([, asset, isLookedAt]) => {
      sealed();
      rds.on(DescribeDBInstancesCommand).rejects(dark);
      shell = { ...shell, plan: withSecondDatabase(plan) };
      const own = { ...incident, standby: incident.region, mode: 'restore' as const, asset };
      const found = (await assess.on(shell)({ incident: own, request: null, retries: 99 })) as Assessed;
      expect(found.why.includes('is a SecureString')).toBe(isLookedAt);
    });
  });

  test('of a plan with latches no record is looked at', async () => {
    await look();
    expect(route53).not.toHaveReceivedCommand(GetHostedZoneCommand);
  });

  const target = { HostedZoneId: 'Z2', DNSName: 'lb.', EvaluateTargetHealth: true };
  const run = (seconds: number, passed: boolean) => ({
    kind: 'canary-run' as const,
    id: `run-${seconds}`,
    key: `run:eu-west-1:${passed}`,
    at: start + seconds * 1000,
    region: 'us-east-1',
    observer: 'eu-west-1',
    passed,
  });

  test('counts from when users were last seen to be served, not from alarms that came later', async () => {
    await shell.store.keepSignals([run(-130, true), run(-70, false)]);
    // Replication had broken before the first alarm, and after the last run that passed.
    lag([-150, 3], [-90, -1], [-30, -1]);
    const found = await look();
    expect(found).toMatchObject({ offered: true, writesEndedAt: start - 70_000 });
    // 80 s from the last point until it can have written last, and 3 s of lag in it.
    expect(found.predicted.dataLossSeconds).toBe(83);
  });

  test('tells what is lost where replication had stopped before: what arrived by then has arrived', async () => {
    await shell.store.keepSignals([run(-70, true)]);
    lag([-690, 2], [-630, -1], [-90, -1]);
    const found = await look();
    // From the last minute with a lag until a minute after users were last seen to be served, and that lag.
    expect(found).toMatchObject({ offered: true, replica: { lagSeconds: 2, lastSeenAt: start - 690_000 } });
    expect(found.predicted.dataLossSeconds).toBe(690 - 10 + 2);
  });

  test('goes by what the last moves of a region took, and by the plan where that cannot be read', async () => {
    for (const [index, seconds] of [500, 400, 700].entries()) {
      const past = { ...openIncident, id: `past-${index}`, level: 3, closedAt: start - 1 } as const;
      await shell.store.writeIncident(past);
      const outcome = {
        mode: 'switchover',
        startedAt: 0,
        approvalSeconds: 60,
        assets: {},
        verifiedAt: (seconds + 90) * 1000,
      };
      await shell.store.recordStep({
        ...{ incident: past.id, execution: 'one', step: 'record-failover', at: start },
        outcome: { ...outcome, redirected: { redirectedAt: (seconds + 60) * 1000 } },
      });
    }
    const { predicted } = (await look()) as unknown as { predicted: { recoverySeconds: number; basis: string } };
    expect(predicted.basis).toContain('the last 3 moves of a region');
    vi.spyOn(shell.store, 'listIncidents').mockRejectedValue(new Error('no'));
    const { predicted: without } = (await look()) as unknown as { predicted: typeof predicted };
    expect(without.basis).toContain('the figures of the plan');
    expect(predicted.recoverySeconds - without.recoverySeconds).toBe(700 + 30 - (300 + 120 + 30));
  });

  test('a canary that stopped long before is no sign that the region did', async () => {
    await shell.store.keepSignals([run(-1200, true)]);
    // What was written until the first evidence counts, and a minute more.
    expect((await look()).writesEndedAt).toBe(Math.min(shell.at, start + 60_000));
  });

  test('a run that failed is no sign of life', async () => {
    await shell.store.keepSignals([run(-70, false)]);
    expect((await look()).writesEndedAt).toBe(Math.min(shell.at, start + 60_000));
  });

  test('a region that answers can be fenced', async () => {
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [{}] });
    expect((await look()).unfenced).toEqual([]);
  });

  test.for([
    ['the replica was broken before the outage', () => lag([-90, -1], [-30, -1])],
    ['no lag was measured before the outage', () => lag([60, 0])],
    ['the region that takes over does not answer', () => rds.on(DescribeDBInstancesCommand).rejects(dark)],
    ['the lag cannot be read', () => cloudWatch.on(GetMetricDataCommand).rejects(dark)],
  ] as const)('offers nothing as safe when %s', async ([, arrange]) => {
    rds.reset();
    rds.on(DescribeDBInstanceAutomatedBackupsCommand).resolves({});
    rds.on(DescribeDBSnapshotsCommand).resolves({});
    rds.on(DescribeDBInstancesCommand).resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    arrange();
    expect((await look(null, 8)).offered).toBe(false);
  });

  test('a replica of a database that was restored since is no way', async () => {
    const holder = {
      asset: 'database',
      region: 'us-east-1',
      instance: 'chatops-prod-restored',
      execution: 'e',
      at: start,
    };
    await shell.store.keepHolder(holder);
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod-restored' }).rejects(dark);
    const { why } = await look(null, 8);
    expect(why).toContain('replicates from chatops-prod, which takes no writes any more');
  });

  test.for([
    ['replica', () => rds.on(DescribeDBInstancesCommand).rejects(dark)],
    ['lag', () => cloudWatch.on(GetMetricDataCommand).rejects(dark)],
  ] as const)('judges nothing by the silence about the %s before it has asked again', async ([, arrange]) => {
    arrange();
    for (const retries of [0, 7]) expect(await nameOf(look(null, retries))).toBe('Unavailable');
    expect((await look(null, 8)).offered).toBe(false);
  });

  describe('with backups in the region that takes over', () => {
    const gone = () =>
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({ DBInstances: [] });
    const answering = (answer: (call: Call) => Promise<unknown>, retries = 0) =>
      runIn({ answer, caller: { region: 'us-west-2', step: 'assess', execution: '', incident: '' } }, () =>
        look(null, retries),
      );
    const found = () => answering(async (call) => lookedUp(call));
    beforeEach(() => restorable(rds));

    test('the replica takes over, and every other way is shown with what it costs', async () => {
      const { way, bounds, alternatives } = await found();
      expect([way, bounds.ways]).toEqual(['promote-replica', { database: 'promote-replica' }]);
      expect(alternatives).toMatchObject([
        { way: 'restore-point-in-time', asset: 'database', offered: true, dataLossSeconds: expect.any(Number) },
        { way: 'restore-snapshot', asset: 'database', offered: true },
        { way: 'wait' },
      ]);
    });

    test('a replica that is gone leaves a restore, which is offered with its loss and its time', async () => {
      gone();
      const { offered, way, bounds, predicted, why } = await found();
      expect({ offered, way, ways: bounds.ways }).toEqual({
        offered: true,
        way: 'restore-point-in-time',
        ways: { database: 'restore-point-in-time' },
      });
      expect(why).toContain('instead of the replica: no replica was seen in us-west-2');
      const loss = predicted.dataLossSeconds ?? Number.NaN;
      expect(loss).toBeGreaterThanOrEqual(360);
      expect(bounds.lossCeilingSeconds).toBe(loss + plan.approval.lossMarginSeconds);
      expect(predicted.recoverySeconds).toBeGreaterThan(4_000);
    });

    test('while the old database takes writes, a restore loses more until its fence, and an approval holds until people have answered', async () => {
      gone();
      const { expirySeconds, lossMarginSeconds } = plan.approval;
      const beyond = async () => {
        const { bounds, predicted, why } = await found();
        const said = why.includes('all writes in us-east-1 until its fence are lost, too');
        return [(bounds.lossCeilingSeconds ?? 0) - (predicted.dataLossSeconds ?? 0), said];
      };
      expect(await beyond()).toEqual([lossMarginSeconds, false]);
      rds
        .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' })
        .resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
      expect(await beyond()).toEqual([lossMarginSeconds + expirySeconds, true]);
    });

    describe('of which one was asked for in this flow', () => {
      const twoHours = 7_200_000;
      const asked = {
        way: 'restore-point-in-time',
        restoreTo: null,
        source: { of: 'replicated-backups', arn: 'ab-0' },
      };
      const begun = async (dataUntil: number | null) => {
        gone();
        const { id, execution } = incident;
        await shell.store.audit({
          ...{ incident: id, execution, at: shell.at, actor: 'classify', drill: false, step: 'take-over/database' },
          ...{ region: 'us-west-2', call: 'rds:RestoreDBInstanceToPointInTime', target: 'chatops-prod-restored' },
        });
        const outcome = { ...asked, dataUntil, region: 'us-west-2', instance: 'chatops-prod-restored' };
        await shell.store.recordStep({ incident: id, execution, step: 'restoring/database', at: shell.at, outcome });
      };

      test('it loses what it was begun with, whatever newer backups there are by now', async () => {
        await begun(start - twoHours);
        const { offered, way, predicted, why, writesEndedAt } = await found();
        expect({ offered, way }).toEqual({ offered: true, way: 'restore-point-in-time' });
        expect(predicted.dataLossSeconds).toBe(Math.ceil((writesEndedAt - start + twoHours) / 1000));
        expect(why).toContain(`chatops-prod-restored was asked for at ${moment(shell.at)}, and has data`);
        expect(why).toMatch(
          /a restore that is begun anew would lose [56] min( \d+ s)?, and takes its whole time again/,
        );
      });

      test('it takes what is left of its time, and what has taken longer than was thought is not known', async () => {
        const secondsOf = async () => {
          const { ways: [{ ways: [first] = [] } = {}] = [] } = (await found()) as unknown as {
            ways: { ways: { seconds: number | null }[] }[];
          };
          return first?.seconds;
        };
        await begun(start - twoHours);
        const whole = (await secondsOf()) ?? 0;
        expect(whole).toBe(4_000);
        shell.at += 1_000_000;
        expect(await secondsOf()).toBe(whole - 1_000);
        shell.at += whole * 1_000;
        expect(await secondsOf()).toBeNull();
      });

      test('people are asked again where that is more than they have approved', async () => {
        gone();
        const assessment = await found();
        const first = await requestApproval.on(shell)({
          incident,
          assessment,
          round: 1,
          changed: null,
          taskToken: 't',
        });
        const { request } = first as { request: string };
        await approve(request, 'dba', 'infra-lead');
        await begun(start - twoHours);
        const run = () =>
          runIn(
            {
              answer: async (call) => lookedUp(call),
              caller: { region: 'us-west-2', step: 'assess', execution: '', incident: '' },
            },
            () => look(request),
          );
        expect((await run()).changed).toMatch(
          /^(1 h 5\d|2 h( \d+)?)( min)? of data would be lost, approved were at most [678] min( \d+ s)?$/,
        );
      });

      test('it loses more until the old database is fenced, and an approval holds until people have answered', async () => {
        await begun(start - twoHours);
        const { expirySeconds, lossMarginSeconds } = plan.approval;
        // Nobody has seen users served for an hour, which says nothing of a database that works.
        shell.at += 3_600_000;
        const beyond = async () => {
          const { bounds, predicted, why, writesEndedAt } = await found();
          const said = why.includes('all writes in us-east-1 until its fence are lost, too');
          const until = start - twoHours + (predicted.dataLossSeconds ?? 0) * 1_000;
          const measured = until === shell.at ? 'now' : until === writesEndedAt ? 'last alive' : until;
          return [measured, (bounds.lossCeilingSeconds ?? 0) - (predicted.dataLossSeconds ?? 0), said];
        };
        expect(await beyond()).toEqual(['last alive', lossMarginSeconds, false]);
        rds
          .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' })
          .resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
        expect(await beyond()).toEqual(['now', lossMarginSeconds + expirySeconds, true]);
        const { id, execution } = incident;
        const step = 'fence/database/fenced';
        await shell.store.recordStep({ incident: id, execution, step, at: shell.at, outcome: {} });
        expect(await beyond()).toEqual(['last alive', lossMarginSeconds, false]);
      });

      test('it keeps its source and its moment in the mark, and what nobody knows of it is not known', async () => {
        await begun(null);
        const { predicted, why, ...rest } = await found();
        expect(predicted.dataLossSeconds).toBeNull();
        expect(why).toContain('has data until a time that is NOT KNOWN');
        const [{ ways: [first] = [] } = {}] = (rest as unknown as { ways: { ways: object[] }[] }).ways;
        expect(first).toMatchObject({ usable: true, source: asked.source, restoreTo: null, dataUntil: null });
      });

      test('once it has failed, today’s backups count again', async () => {
        await begun(start - twoHours);
        const { id, execution } = incident;
        const step = 'way-failed/database/restore-point-in-time';
        await shell.store.recordStep({ incident: id, execution, step, at: shell.at, outcome: {} });
        const { way, why } = await found();
        expect(way).toBe('restore-snapshot');
        expect(why).not.toContain('was asked for at');
      });
    });

    test('what was not answered is asked again before a way is judged by it, and not where the replica takes over', async () => {
      const silent = (call: Call) => (call.service === 'kms' ? Promise.reject(dark) : Promise.resolve(lookedUp(call)));
      expect((await answering(silent)).way).toBe('promote-replica');
      gone();
      expect(await nameOf(answering(silent))).toBe('Unavailable');
      expect(await answering(silent, 8)).toMatchObject({ offered: true, why: expect.stringContaining('NOT KNOWN') });
    });

    test('nothing is offered where neither is there, and all that speaks against each is said', async () => {
      gone();
      rds
        .on(DescribeDBSubnetGroupsCommand)
        .rejects(
          Object.assign(new Error('no'), { name: 'DBSubnetGroupNotFoundFault', $metadata: { httpStatusCode: 404 } }),
        );
      const { offered, why } = await found();
      expect(offered).toBe(false);
      expect(why).toContain('no replica was seen in us-west-2');
      expect(why).toContain('no point-in-time restore: subnet group chatops-db is not in us-west-2');
      expect(why).toContain('no restore of a snapshot: subnet group chatops-db is not in us-west-2');
    });
  });

  test('offers nothing when the region has recovered', async () => {
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, closedAt: start, version: 2 });
    expect(await look()).toMatchObject({ offered: false, why: expect.stringContaining('is over') });
  });

  test.for<[string, boolean, Partial<typeof incident>]>([
    ['a failover that a person started for an incident that was found', true, {}],
    ['a switchover that a person planned', false, { mode: 'switchover' }],
    ['a failover from before a corruption', false, { corruptedSince: start - 300_000 }],
    ['a failover of a start where nobody had found anything', false, { id: 'manual-by-hand' }],
  ])('the end of the incident ends %s: %s', async ([, ends, change]) => {
    const byHand = { ...incident, manual: true, ...change };
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available' }],
    });
    await shell.store.writeIncident({ ...openIncident, id: byHand.id, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, id: byHand.id, closedAt: start, version: 2 });
    const found = (await assess.on(shell)({ incident: byHand, request: null, retries: 8 })) as Assessed;
    expect(found.why.includes('the incident is over')).toBe(ends);
    if (ends) expect(found.offered).toBe(false);
  });

  test('says what an earlier flow has left, which nobody may be able to look at now; before an approval, and nothing of its own', async () => {
    const fence = { step: 'fence/database', region: 'us-east-1', target: 'chatops-prod', call: 'rds:ModifyDBInstance' };
    const made = { ...fence, at: start, actor: 'ana', drill: false, incident: incident.id };
    await shell.store.writeIncident({ ...openIncident, level: 3, scope: { region: 'us-east-1', zone: null } });
    await shell.store.audit({ ...made, execution: incident.execution });
    expect((await look()).why).not.toContain('an earlier flow');
    await shell.store.audit({ ...made, execution: 'before' });
    expect((await look()).why).toContain(
      'an earlier flow has left this: chatops-prod in us-east-1 was fenced, or is about to be fenced: chatops-prod takes no writes',
    );
    const { listIncidents } = shell.store;
    shell.store.listIncidents = () => Promise.reject(new Error('no answer'));
    expect((await look()).why).not.toContain('an earlier flow');
    shell.store.listIncidents = listIncidents;
  });

  test('of a plan without database and cache offers the way, with nothing to lose or to fence', async () => {
    shell = { ...shell, plan: without(plan, 'rds-instance', 'elasticache') };
    const found = await look();
    expect(found).toMatchObject({ offered: true, why: 'cluster chatops-dr answers', unfenced: [], replica: null });
    expect(found.predicted.dataLossSeconds).toBe(0);
    for (const client of [rds, elastiCache, cloudWatch]) expect(client.calls()).toEqual([]);
  });

  test('of two databases names the region as unfenced where only one of them answers', async () => {
    shell = { ...shell, plan: withSecondDatabase(plan) };
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-prod' }).resolves({ DBInstances: [{}] });
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-dr' }).resolves({ DBInstances: [{}] });
    expect(await look()).toMatchObject({
      offered: false,
      why: 'the database orders in us-west-2 is no replica: it has no source',
      unfenced: ['us-east-1'],
      unfencedAssets: ['database'],
    });
  });

  test('changes nothing', async () => {
    await look();
    expect(await shell.store.readAudit(incident.id)).toEqual([]);
  });
});

describe('after the approval', () => {
  test('what is still so may go on, with what people let stay unfenced', async () => {
    const request = await ask();
    await approve(request, 'dba', 'infra-lead');
    expect(await look(request)).toMatchObject({ approved: true, changed: null, approvedUnfenced: ['database'] });
  });

  const busy = Object.assign(new Error('busy'), { name: 'ThrottlingException', $metadata: { httpStatusCode: 400 } });
  test.for([
    ['nothing answers', dark, [1]],
    ['it answers that it is busy', busy, [1, 3]],
  ] as const)('what people let stay unfenced is tried once where %s', async ([, fault, tries]) => {
    const old = { DBInstanceIdentifier: 'chatops-prod' };
    const tried = () =>
      Promise.all(
        rds
          .commandCalls(DescribeDBInstancesCommand, old)
          .map(({ thisValue }) => (thisValue as RDSClient).config.maxAttempts()),
      );
    const id = await ask();
    expect(await tried()).toEqual([3]);
    await approve(id, 'dba', 'infra-lead');
    rds.resetHistory();
    rds.on(DescribeDBInstancesCommand, old).rejects(fault);
    expect(await look(id)).toMatchObject({ changed: null, unfencedAssets: ['database'] });
    expect(await tried()).toEqual(tries);
  });

  test.for([
    ['just now', -30, ['rds', 'sts'], [1]],
    ['long ago', -600, ['rds'], [3]],
    ['just now, and of others alone', -30, ['sts'], [3]],
    ['by a clock that goes ahead', 3_600, ['rds'], [3]],
  ] as const)('what did not answer those who looked %s is tried %j times', async ([, seconds, services, tries]) => {
    const at = start + seconds * 1000;
    const seen = { id: 'run', key: 'probe-run:us-west-2:us-east-1', at, region: 'us-east-1', observer: 'us-west-2' };
    await shell.store.keepSignals([{ ...seen, kind: 'probe-run', services: [...services] }]);
    await look();
    const asked = rds.commandCalls(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' });
    expect(await Promise.all(asked.map(({ thisValue }) => (thisValue as RDSClient).config.maxAttempts()))).toEqual(
      tries,
    );
  });

  test('what people let stay unfenced is tried as ever where it answered those who looked just now', async () => {
    const request = await ask();
    await approve(request, 'dba', 'infra-lead');
    rds.resetHistory();
    const seen = { id: 'run', key: 'probe-run:us-west-2:us-east-1', region: 'us-east-1', observer: 'us-west-2' };
    await shell.store.keepSignals([{ ...seen, at: start - 30_000, kind: 'probe-run', services: [] }]);
    await look(request);
    const asked = rds.commandCalls(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' });
    expect(await Promise.all(asked.map(({ thisValue }) => (thisValue as RDSClient).config.maxAttempts()))).toEqual([3]);
  });

  test('a look that finds it still so lets it be acted on, from when it began; no other look does', async () => {
    const marks = async () =>
      (await shell.store.readSteps(incident.id)).flatMap(({ step, at, outcome }) =>
        step === 'reassess' && outcome['request'] !== 'approved-request' ? [{ at, ...outcome }] : [],
      );
    await look();
    const request = await ask();
    await approve(request, 'dba', 'infra-lead');
    expect(await marks()).toEqual([]);
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).callsFake(() => {
      shell.at += 5_000;
      return {
        DBInstances: [
          {
            DBInstanceStatus: 'available',
            ReadReplicaSourceDBInstanceIdentifier: 'arn:aws:rds:us-east-1:111122223333:db:chatops-prod',
          },
        ],
      };
    });
    shell.at += 1_000;
    const began = shell.at;
    await look(request);
    expect(await marks()).toMatchObject([{ at: began, request, ways: { database: { way: 'promote-replica' } } }]);
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, closedAt: start, version: 2 });
    await look(request);
    expect(await marks()).toHaveLength(1);
  });

  test('each database has a limit of its own: what another one may lose hides nothing', async () => {
    shell = { ...shell, plan: withSecondDatabase(plan) };
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-prod' }).rejects(dark);
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'orders-dr' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available', ReadReplicaSourceDBInstanceIdentifier: 'orders-prod' }],
    });
    const lags: Record<string, number> = { 'chatops-dr-replica': 2, 'orders-dr': 7_200 };
    cloudWatch.on(GetMetricDataCommand).callsFake(({ MetricDataQueries: [query] = [] }: GetMetricDataCommandInput) => {
      const instance = query?.MetricStat?.Metric?.Dimensions?.[0]?.Value ?? '';
      return { MetricDataResults: [{ Id: 'm0', Timestamps: [new Date(start - 30_000)], Values: [lags[instance]] }] };
    });
    const request = await ask();
    await approve(request, 'dba', 'infra-lead');
    expect((await look(request)).changed).toBeNull();
    expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain('2 h 2 min of orders');
    lags['chatops-dr-replica'] = 7_000;
    const { changed } = await look(request);
    expect(changed).toMatch(/^1 h 5\d min of data of database would be lost, approved were at most \d[^.;]*$/);
  });

  test('what has left the bounds says what changed', async () => {
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [{}] });
    const request = await ask();
    await approve(request, 'dba', 'infra-lead');
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
    expect((await look(request)).changed).toEqual(expect.any(String));
  });

  describe('about an outage, of a region whose users are served again', () => {
    const visited = (passed: boolean, ...observers: readonly string[]) =>
      shell.store.keepSignals(
        observers.flatMap((observer) => [
          {
            ...{ kind: 'canary-run' as const, id: `run-${observer}-${shell.at}`, key: `run:${observer}:${passed}` },
            ...{ at: shell.at, region: 'us-east-1', observer, passed },
          },
          {
            ...{ kind: 'canary' as const, id: `alarm-${observer}-${shell.at}`, key: `alarm:${observer}` },
            ...({ at: shell.at, region: 'us-east-1', observer, condition: passed ? 'healthy' : 'failing' } as const),
          },
        ]),
      );
    const askAndApprove = async (...before: Parameters<typeof visited>) => {
      lag(...[-90, -30, 30, 90, 150, 210].map((seconds) => [seconds, 2] as const)); // replication goes on
      await visited(...before);
      shell.at += 1_000;
      const request = await ask();
      await approve(request, 'dba', 'infra-lead');
      shell.at += 60_000;
      return request;
    };

    test('people are asked again, before anything is changed, and once', async () => {
      const request = await askAndApprove(false, 'eu-west-1', 'us-west-2');
      await visited(false, 'eu-west-1');
      expect((await look(request)).changed).toBeNull();
      shell.at += 60_000;
      await visited(true, 'eu-west-1', 'us-west-2');
      expect((await look(request)).changed).toBe('users of us-east-1 are served again, seen from eu-west-1, us-west-2');
      const again = await ask(2, 'token-2');
      await approve(again, 'dba', 'infra-lead');
      expect((await look(again)).changed).toBeNull();
    });

    test('one observer alone, or one that still fails, takes nothing back', async () => {
      const request = await askAndApprove(false, 'eu-west-1', 'us-west-2');
      await visited(true, 'eu-west-1');
      expect((await look(request)).changed).toBeNull();
      await visited(true, 'ap-southeast-1');
      await visited(false, 'us-west-2');
      expect((await look(request)).changed).toBeNull();
    });

    test('people who knew it when they answered are not asked again', async () => {
      const request = await askAndApprove(true, 'eu-west-1', 'us-west-2');
      await visited(true, 'eu-west-1', 'us-west-2');
      expect((await look(request)).changed).toBeNull();
    });

    test('it is said beside what else has left the bounds', async () => {
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [{}] });
      const request = await askAndApprove(false, 'eu-west-1', 'us-west-2');
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).rejects(dark);
      await visited(true, 'eu-west-1', 'us-west-2');
      expect((await look(request)).changed).toMatch(/^users of us-east-1 are served again, .*; .*fenced/);
    });
  });

  test('what people let stay unfenced is that asset, and not all of its region: another one is asked about', async () => {
    shell = { ...shell, plan: withSecondDatabase(plan) };
    const is = (id: string, status: string) =>
      rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: id }).resolves({
        DBInstances: [{ DBInstanceStatus: status, ReadReplicaSourceDBInstanceIdentifier: id.replace('-dr', '-prod') }],
      });
    is('orders-dr', 'available');
    is('chatops-prod', 'available');
    is('orders-prod', 'storage-full');
    const request = await ask();
    expect(await shell.store.readRequest(request)).toMatchObject({
      unfenced: ['us-east-1'],
      unfencedAssets: ['orders'],
    });
    const mail = sns.commandCalls(PublishCommand)[0]?.args[0].input.Message;
    expect(mail).toContain('orders in us-east-1 is storage-full and cannot be fenced.');
    expect(mail).toContain(
      'An approval covers orders: Breakwater goes on although it is open. If anything else cannot be closed, people are asked again.',
    );
    await approve(request, 'dba', 'infra-lead');
    expect(await look(request)).toMatchObject({ changed: null, approvedUnfenced: ['orders'] });
    is('chatops-prod', 'storage-full');
    expect((await look(request)).changed).toBe(
      'database in us-east-1 can not be fenced any more, which nobody approved',
    );
  });

  describe('of a database that looks as if it could be fenced, and was tried in vain', () => {
    const mark = (step: string, outcome: object = {}) =>
      shell.store.recordStep({
        ...{ incident: incident.id, execution: incident.execution, step, at: shell.at },
        outcome: { ...outcome },
      });
    const inVain = () => mark('fence-in-vain/database', { why: 'the exchange of its groups was refused' });
    const said = 'database in us-east-1 cannot be fenced: the exchange of its groups was refused';
    beforeEach(() => {
      rds
        .on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' })
        .resolves({ DBInstances: [{ DBInstanceStatus: 'available' }] });
    });

    test('people are asked the other question, with that database named and why', async () => {
      const first = await ask();
      await approve(first, 'dba', 'infra-lead');
      expect(await look(first)).toMatchObject({ changed: null, unfenced: [], approvedUnfenced: [] });
      await inVain();
      expect(await look(first)).toMatchObject({
        offered: true,
        ...{ unfenced: ['us-east-1'], unfencedAssets: ['database'], unreachable: [], cannotFence: [said] },
        changed: 'us-east-1 can not be fenced any more, which nobody approved',
      });
      sns.resetHistory();
      const again = await ask(2, 'token-2');
      expect(sns.commandCalls(PublishCommand)[0]?.args[0].input.Message).toContain(`NOT FENCED: ${said}.`);
      await approve(again, 'dba', 'infra-lead');
      expect(await look(again)).toMatchObject({ changed: null, approvedUnfenced: ['database'] });
    });

    test.for([
      ['the flow has stopped since: it tries again first', 'paused/0'],
      ['it was fenced since', 'fence/database/fenced'],
    ] as const)('they are not where %s', async ([, since]) => {
      const request = await ask();
      await approve(request, 'dba', 'infra-lead');
      await inVain();
      shell.at += 1_000;
      await mark(since);
      expect(await look(request)).toMatchObject({ unfenced: [], changed: null });
    });

    test('what another execution has tried says nothing', async () => {
      await inVain();
      const other = { ...incident, execution: 'another' };
      expect(await assess.on(shell)({ incident: other, request: null, retries: 0 })).toMatchObject({ unfenced: [] });
    });

    test('of a switchover there is no way then: it needs a fence', async () => {
      await inVain();
      const planned = { ...incident, mode: 'switchover' as const };
      expect(await assess.on(shell)({ incident: planned, request: null, retries: 8 })).toMatchObject({
        offered: false,
        why: expect.stringContaining(`a switchover needs a fence, and ${said}`),
      });
    });
  });

  test('an approval of before assets were named names none: people are asked again', async () => {
    const { unfencedAssets: _, ...asked } = (await shell.store.readRequest(await ask())) ?? failed();
    const old = { ...asked, id: 'of-before' };
    await shell.store.openRequest(old, 'token');
    await approve(old.id, 'dba', 'infra-lead');
    expect(await look(old.id)).toMatchObject({
      approvedUnfenced: [],
      changed: 'database in us-east-1 can not be fenced any more, which nobody approved',
    });
  });

  test('a request that was not approved, or is another flow’s, is none', async () => {
    const request = await ask();
    expect(await nameOf(look(request))).toBe('CannotProceed');
    await approve(request, 'dba');
    expect(await nameOf(look(request))).toBe('CannotProceed');
    expect(await nameOf(look('no-such'))).toBe('CannotProceed');
    await approve(request, 'infra-lead');
    const other = { ...incident, execution: 'another' };
    expect(await nameOf(assess.on(shell)({ incident: other, request, retries: 0 }))).toBe('CannotProceed');
  });
});

describe('after a pause', () => {
  const called = (step: string) =>
    shell.store.audit({
      ...{ incident: incident.id, execution: incident.execution, at: shell.at, actor: 'classify', drill: false },
      ...{ region: 'us-west-2', step, call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica' },
    });
  const isBack = async () => {
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available' }],
    });
    await shell.store.writeIncident({ ...openIncident, closedAt: null, version: 1 });
    await shell.store.writeIncident({ ...openIncident, closedAt: start, version: 2 });
  };
  const promoted = async () => {
    await called('take-over/database');
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).resolves({
      DBInstances: [{ DBInstanceStatus: 'available' }],
    });
  };
  let request: string;
  beforeEach(async () => {
    request = await ask();
    await approve(request, 'dba', 'infra-lead');
  });

  test('a flow that has made no call to give the region up has not begun', async () => {
    expect(await look(request)).toMatchObject({ begun: false, promoted: [] });
    await called('fence/database');
    expect(await look(request)).toMatchObject({ begun: true, promoted: [] });
  });

  test('a region that serves again is not given up, whatever was called', async () => {
    await called('take-over/database');
    await isBack();
    expect(await look(request)).toMatchObject({ offered: false, begun: true });
  });

  test('a failover goes on no more where the region serves again and no database was promoted', async () => {
    expect(await look(request)).toMatchObject({ wellAgain: false });
    await called('fence/database');
    await isBack();
    expect(await look(request)).toMatchObject({ over: true, wellAgain: true });
    const restore = { ...incident, mode: 'restore', corruptedSince: start } as const;
    expect(await assess.on(shell)({ incident: restore, request: null, retries: 8 })).toMatchObject({
      wellAgain: false,
    });
    await promoted();
    expect(await look(request)).toMatchObject({ over: true, wellAgain: false });
  });

  test('while something does not answer it is not known whether a database was promoted', async () => {
    await called('take-over/database');
    await isBack();
    rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-dr-replica' }).rejects(dark);
    expect(await look(request, 8)).toMatchObject({ over: true, wellAgain: false });
  });

  test('once users were redirected it goes on', async () => {
    await called('redirect-users');
    await isBack();
    expect(await look(request)).toMatchObject({ over: true, wellAgain: false });
  });

  test('what this flow has promoted is no obstacle, and is within what was approved', async () => {
    await promoted();
    expect(await look(request)).toMatchObject({ offered: true, changed: null, promoted: ['database'] });
  });

  test('a database that another has promoted is no way', async () => {
    await promoted();
    expect(
      await assess.on(shell)({ incident: { ...incident, execution: 'another' }, request: null, retries: 0 }),
    ).toMatchObject({
      offered: false,
      promoted: [],
    });
  });

  test('of a region that serves again after a promotion people are asked, with a loss that is not known', async () => {
    await promoted();
    await isBack();
    const found = await look(request);
    expect(found).toMatchObject({ offered: true, predicted: { dataLossSeconds: null }, unfenced: ['us-east-1'] });
    expect(found.why).toMatch(/going on loses what us-east-1 took since/);
    expect(found.changed).toMatch(/data loss is not known any more/);
    const again = await ask(2, 'token-2');
    await approve(again, 'dba', 'infra-lead');
    expect(await look(again)).toMatchObject({ offered: true, approved: true, changed: null });
  });

  test('what going on loses is counted from the last that the copy has until now, or until the fence', async () => {
    lag([-90, 3], [-30, 2]);
    await promoted();
    await isBack();
    shell.at += 600_000;
    expect(await look(request)).toMatchObject({ goingOn: { since: start - 32_000, atMostSeconds: 632 } });
    await shell.store.recordStep({
      incident: incident.id,
      execution: incident.execution,
      step: 'fence/database/fenced',
      at: start + 300_000,
      outcome: {},
    });
    expect(await look(request)).toMatchObject({ goingOn: { since: start - 32_000, atMostSeconds: 332 } });
    lag([-30, -1]);
    expect(await look(request)).toMatchObject({ goingOn: { since: null, atMostSeconds: null } });
  });

  test('what is within the bounds is asked about again where the region is well: it is another question', async () => {
    // Nobody knew the loss, so that the approval holds for any; and the region stays unfenced, as approved.
    lag();
    const any = await ask(2, 'token-2');
    await approve(any, 'dba', 'infra-lead');
    await promoted();
    expect(await look(any)).toMatchObject({ changed: null });
    await isBack();
    expect((await look(any)).changed).toBe('us-east-1 is well again, and database takes writes in the other region');
    const again = await ask(3, 'token-3');
    await approve(again, 'dba', 'infra-lead');
    expect(await look(again)).toMatchObject({ changed: null });
  });

  test('an old database that this flow has fenced is not named as unfenced', async () => {
    await promoted();
    await isBack();
    await reached('fence/database/fenced', incident, shell);
    expect((await look(request)).unfenced).toEqual([]);
  });

  test('once users were redirected nothing is judged again', async () => {
    await promoted();
    await isBack();
    await reached('redirect-users', incident, shell);
    expect(await look(request)).toMatchObject({ offered: true, changed: null });
  });

  test('but that the roles have moved on: the region that was given up serves users by now', async () => {
    await promoted();
    await reached('redirect-users', incident, shell);
    await shell.store.moveRole('us-west-2', 1, incident.execution, start);
    expect(await look(request)).toMatchObject({ offered: true, changed: null });
    await shell.store.moveRole('us-east-1', 2, 'the-way-home', start);
    expect(await failureOf(look(request))).toEqual({
      name: 'LockLost',
      message: expect.stringMatching(
        /^the roles have moved on: us-east-1 is the primary in epoch 3, .*: it changes nothing any more; abort it$/,
      ),
    });
  });
});

describe('the request', () => {
  test('binds what people are shown, names who must answer, and keeps the token to itself', async () => {
    const id = await ask();
    const request = await shell.store.readRequest(id);
    expect(request).toMatchObject({
      target: 'us-east-1',
      plan: planHash(plan),
      unfenced: ['us-east-1'],
      required: 2,
      roles: ['dr-coordinator', 'infra-lead', 'dba'],
      askedAt: start,
      expiresAt: start + 3_600_000,
    });
    expect(JSON.stringify(request)).not.toContain('token-1');
    expect(await shell.store.readTaskToken(id)).toBe('token-1');
    expect(sns).toHaveReceivedCommandTimes(PublishCommand, plan.notifications.level3.length);
    const [call] = sns.commandCalls(PublishCommand);
    expect(call?.args[0].input.Message).toContain('NOT FENCED: us-east-1');
    expect(call?.args[0].input.Message).not.toContain('token-1');
  });

  test('of a manual start needs one approver more, and not the one who asks', async () => {
    const assessment = await look();
    const manual = { ...incident, manual: true, requestedBy: 'dr-coordinator' };
    const asked = await requestApproval.on(shell)({
      incident: manual,
      assessment,
      round: 1,
      changed: null,
      taskToken: 'token',
    });
    const request = await shell.store.readRequest((asked as { request: string }).request);
    expect(request).toMatchObject({ required: 3, roles: ['infra-lead', 'dba'] });
  });

  test.for([
    [null, 'nothing took over, and users write to it as before.'],
    ['take-over/cache', 'But cache was asked to take over in the other region: users of us-east-1 may fail without it'],
  ] as const)('again says of a database that is open again what took over beside it: %s', async ([step, said]) => {
    const { id, execution } = incident;
    const call = { call: 'elasticache:FailoverGlobalReplicationGroup', target: 'ldgnf-chatops', region: 'us-west-2' };
    if (step !== null)
      await shell.store.audit({ incident: id, execution, at: shell.at, actor: 'ana', drill: false, ...call, step });
    const open = { region: 'us-east-1', database: 'chatops-prod', opened: true, openSince: shell.at };
    const asked = await requestApproval.on(shell)({
      ...{ incident, assessment: await look(), round: 2, changed: 'the replica lags', taskToken: 'token' },
      ofAssets: { Unfence: { database: open } },
    });
    const request = await shell.store.readRequest((asked as { request: string }).request);
    expect(request?.shown['opened']).toEqual([expect.stringContaining(said)]);
  });

  test('of a switchover that a drill has started says DRILL first, that users move, and that nothing has failed', async () => {
    await shell.store.writeIncident({ ...openIncident, id: incident.id, level: 3 });
    const bounds = (await look()) as object;
    const planned = { ...incident, mode: 'switchover' as const, drill: true, manual: true, requestedBy: 'schedule' };
    const { bounds: found, ...shown } = bounds as { bounds: object };
    const assessment = { ...shown, bounds: { ...found, mode: 'switchover' } };
    const asked = await requestApproval.on(shell)({
      ...{ incident: planned, assessment, round: 1, changed: null, taskToken: 'token' },
    });
    const { request: id } = asked as { request: string };
    expect(await shell.store.readRequest(id)).toMatchObject({ drillMoves: true });
    expect(await shell.store.readRequest(id)).not.toHaveProperty('drill');
    expect(await shell.store.readTaskToken(id)).toBe('token');
    const told = sns.commandCalls(PublishCommand).map(({ args: [{ input }] }) => input);
    expect(told).toHaveLength(plan.notifications.level3.length);
    for (const { Subject, Message } of told) {
      expect(Subject).toMatch(/^\[Breakwater\] \[DRILL\] (Approve or reject by|For information)/);
      expect(Message).toMatch(/^DRILL: This drill is planned, and an approval really MOVES the users\./);
      expect(Message).toContain('This move is planned. Nothing in us-east-1 needs to have failed.');
      expect(Message).not.toContain('have been down');
    }
  });

  test('whose try was lost goes on with the next one: nobody is asked twice, and the newest token hears', async () => {
    const lost = await ask(1, 'token-lost');
    const mails = sns.commandCalls(PublishCommand).length;
    expect(await ask(1, 'token-2')).toBe(lost);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(mails);
    expect((await shell.store.listOpenRequests()).map(({ id }) => id)).toEqual([lost]);
    expect(await shell.store.readTaskToken(lost)).toBe('token-2');
    expect(await shell.store.readRequest(lost)).toMatchObject({ askedAt: start, expiresAt: start + 3_600_000 });
  });

  test('that was answered between two tries is not asked again, and is for the newest token', async () => {
    const lost = await ask(1, 'token-lost');
    await approve(lost, 'dba', 'infra-lead');
    await shell.store.settleRequest(lost, 'approved', shell.at);
    const mails = sns.commandCalls(PublishCommand).length;
    expect(await ask(1, 'token-2')).toBe(lost);
    expect(sns.commandCalls(PublishCommand)).toHaveLength(mails);
    expect(await shell.store.readTaskToken(lost)).toBe('token-2');
  });

  test.for<[string, (id: string) => unknown]>([
    [
      'whose answer its flow has heard',
      (id) => shell.store.settleRequest(id, 'approved', start).then(() => shell.store.markSent(`heard:${id}`, start)),
    ],
    ['that is void', (id) => shell.store.settleRequest(id, 'void', start)],
    ['that has expired', () => (shell.at += 3_600_000)],
    [
      'with other bounds',
      () =>
        rds.on(DescribeDBInstancesCommand, { DBInstanceIdentifier: 'chatops-prod' }).resolves({ DBInstances: [{}] }),
    ],
  ])('%s is asked afresh', async ([, end]) => {
    const first = await ask(1, 'token-1');
    await end(first);
    const second = await ask(1, 'token-2');
    expect(second).not.toBe(first);
    expect((await shell.store.listOpenRequests()).map(({ id }) => id)).toEqual([second]);
  });

  test('of a flow that does not hold its region asks nobody: it could not act', async () => {
    await shell.store.releaseLock('us-east-1', incident.execution);
    const id = await ask();
    expect((await shell.store.readOutcome(id))?.outcome).toBe('void');
    expect(sns).not.toHaveReceivedCommand(PublishCommand);
  });

  test.for([
    ['a plan that ends', 'switchover', false, true],
    ['a plan that is held, which closes its incident,', 'switchover', true, false],
    ['a failover', undefined, false, false],
  ] as const)('the end of %s is kept in the incident that it opened', async ([, planned, held, isKept]) => {
    const id = 'manual-by-hand';
    await shell.store.writeIncident({ ...openIncident, id, level: 3, ...(planned !== undefined && { planned }) });
    await releaseLock.on(shell)({ incident: { ...incident, id }, ...(held && { held }) });
    expect((await shell.store.readIncident(id))?.doneAt).toBe(isKept ? shell.at : undefined);
    shell.at += 1;
    await releaseLock.on(shell)({ incident: { ...incident, id }, ...(held && { held }) });
    expect((await shell.store.readIncident(id))?.doneAt).toBe(isKept ? shell.at - 1 : undefined);
  });

  test('the end of a plan that could not be kept is tried again, before the region is free', async () => {
    const id = 'manual-by-hand';
    await shell.store.writeIncident({ ...openIncident, id, level: 3, planned: 'switchover' });
    const { writeIncident } = shell.store;
    shell.store.writeIncident = async () => false;
    expect(await nameOf(releaseLock.on(shell)({ incident: { ...incident, id } }))).toBe('Unavailable');
    expect((await shell.store.readStanding('us-east-1')).lock).not.toBeNull();
    shell.store.writeIncident = writeIncident;
    await releaseLock.on(shell)({ incident: { ...incident, id } });
    expect((await shell.store.readIncident(id))?.doneAt).toBe(shell.at);
    expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
  });

  test('that nobody answered has expired when its flow ends', async () => {
    const id = await ask();
    await releaseLock.on(shell)({ incident });
    expect(await shell.store.listOpenRequests()).toEqual([]);
    expect(await shell.store.settleRequest(id, 'approved', shell.at)).toBe('expired');
    expect((await shell.store.readStanding('us-east-1')).lock).toBeNull();
  });
});

describe('the record', () => {
  const moved = { database: { promoted: true }, cache: {}, cluster: {} };
  const restored = { database: { restored: true, dataUntil: start - 32_000 } };
  const unfenced = { fenced: false, unfenced: ['us-east-1'] };
  const record = (
    fenced: Readonly<Record<string, object>> = { database: unfenced },
    verified: object = { verifiedAt: start + 900_000, passes: 3 },
    mode: 'failover' | 'restore' = 'failover',
    tookOver: Readonly<Record<string, Readonly<Record<string, unknown>>>> = mode === 'restore' ? restored : moved,
  ) =>
    recordFailover.on(shell)({
      incident: { ...incident, mode },
      predicted: { recoverySeconds: 600, dataLossSeconds: 32 },
      writesEndedAt: start,
      fenced,
      moved: tookOver,
      redirected: { mode: 'latch' },
      verified,
    });

  test('sets what was achieved beside what was predicted, without what people took', async () => {
    shell.at = start + 20_000;
    const request = await ask();
    shell.at = start + 320_000;
    await approve(request, 'dba', 'infra-lead');
    shell.at = start + 901_000;
    expect(await record()).toMatchObject({
      from: 'us-east-1',
      to: 'us-west-2',
      approvalSeconds: 300,
      executeSeconds: 600,
      recoverySeconds: 900,
      dataLossSeconds: 32, // 30 s since the last point, and 2 s of lag in it
      predicted: { dataLossSeconds: 32 },
      unfenced: ['us-east-1'],
      fenced: { database: unfenced },
      assets: moved,
    });
  });

  test('is written once', async () => {
    const first = await record();
    shell.at += 60_000;
    expect(await record()).toEqual(first);
    expect((await shell.store.readSteps(incident.id)).filter(({ step }) => step === 'record-failover')).toHaveLength(1);
  });

  test('is written again until users were seen to be served', async () => {
    expect(await record(undefined, {})).toMatchObject({ verifiedAt: null });
    shell.at += 60_000;
    const whole = await record();
    expect(whole).toMatchObject({ verifiedAt: start + 900_000 });
    expect(await record(undefined, {})).toEqual(whole);
  });

  test('of a database that was fenced after the promotion counts until the region was last seen alive', async () => {
    const fenced = { database: { fenced: true, late: true, fencedAt: start + 3_600_000, unfenced: [] } };
    expect(await record(fenced)).toMatchObject({ dataLossSeconds: 32, writesEndedAt: start });
  });

  test('rests on the last lag that was known, when replication broke before the writes had ended', async () => {
    lag([-90, 4], [-30, -1]);
    expect(await record()).toMatchObject({ dataLossSeconds: 94, writesEndedAt: start });
  });

  test('says that the loss is not known where no lag was', async () => {
    lag();
    expect(await record()).toMatchObject({ dataLossSeconds: null });
  });

  test('of a fenced database counts until its fence, and not until the region was last seen alive', async () => {
    const fenced = { database: { fenced: true, fencedAt: start + 30_000, unfenced: [] } };
    expect(await record(fenced)).toMatchObject({ dataLossSeconds: 62, writesEndedAt: start + 30_000, unfenced: [] });
  });

  test('of a restore after a promotion that failed counts until users are served: what was promoted may take writes all the same', async () => {
    const { id, execution } = incident;
    const step = 'way-failed/database/promote-replica';
    await shell.store.recordStep({ incident: id, execution, step, at: start, outcome: {} });
    // One that was never asked for takes none.
    expect(await record(undefined, {}, 'failover', restored)).toMatchObject({ dataLossSeconds: 32 });
    await shell.store.audit({
      ...{ incident: id, execution, at: start, step: 'take-over/database', actor: 'on-call', region: 'us-west-2' },
      ...{ call: 'rds:PromoteReadReplica', target: 'chatops-dr-replica', drill: false },
    });
    // Nor has one failed that took over all the same.
    shell.at += 60_000;
    expect(await record(undefined, {})).toMatchObject({ dataLossSeconds: 32 });
    const recorded = await record(undefined, undefined, 'failover', restored);
    expect(recorded).toMatchObject({ dataLossSeconds: 932, promotedInVain: ['chatops-dr-replica'] });
    expect(outcomeSentences(recorded)).toContain(
      'chatops-dr-replica in us-west-2 was asked to take writes, failed, and may take them by now: nobody uses or closes it. See docs/runbook.md#after-a-restore.',
    );
  });

  test.for([
    ['not fenced', unfenced, 932],
    ['fenced', { fenced: true, fencedAt: start + 30_000, unfenced: [] }, 62],
  ] as const)('of a restore whose old database is %s', async ([, database, dataLossSeconds]) => {
    expect(await record({ database }, undefined, 'restore')).toMatchObject({ dataLossSeconds });
  });

  describe('of two databases', () => {
    /** The lag of each replica, as points of seconds and lag; none where it is not named. */
    const lags = (points: Readonly<Record<string, readonly (readonly [number, number])[]>>) =>
      cloudWatch.on(GetMetricDataCommand).callsFake((input: GetMetricDataCommandInput) => {
        const name = input.MetricDataQueries?.[0]?.MetricStat?.Metric?.Dimensions?.[0]?.Value ?? '';
        const found = points[name] ?? [];
        const Timestamps = found.map(([seconds]) => new Date(start + seconds * 1000));
        return { MetricDataResults: [{ Id: 'm0', Timestamps, Values: found.map(([, value]) => value) }] };
      });
    beforeEach(() => {
      shell = { ...shell, plan: withSecondDatabase(plan) };
    });
    const both = { database: unfenced, orders: unfenced };

    test('tells the greater loss, whichever it is of', async () => {
      lags({ 'chatops-dr-replica': [[-30, 2]], 'orders-dr': [[-60, 45]] });
      expect(await record(both)).toMatchObject({ dataLossSeconds: 105, unfenced: ['us-east-1'], fenced: both });
    });

    test('tells the greater loss of the one that is named first, too', async () => {
      lags({ 'chatops-dr-replica': [[-60, 45]], 'orders-dr': [[-30, 2]] });
      expect(await record(both)).toMatchObject({ dataLossSeconds: 105 });
    });

    test('says that the loss is not known where that of one is not', async () => {
      lags({ 'chatops-dr-replica': [[-30, 2]] });
      expect(await record(both)).toMatchObject({ dataLossSeconds: null });
    });

    test('counts for each until its own fence, and writes ended with the last', async () => {
      lags({ 'chatops-dr-replica': [[-30, 2]], 'orders-dr': [[-30, 2]] });
      const later = { fenced: true, fencedAt: start + 90_000, unfenced: [] };
      expect(await record({ database: unfenced, orders: later })).toMatchObject({
        dataLossSeconds: 122,
        writesEndedAt: start + 90_000,
        unfenced: ['us-east-1'],
      });
    });
  });

  test.for([
    ['and no cache tells that nothing was lost', ['rds-instance', 'elasticache'], 0],
    ['but a cache does not know what was lost', ['rds-instance'], null],
  ] as const)('of a plan without a database %s, and asks for no lag', async ([, kinds, dataLossSeconds]) => {
    shell = { ...shell, plan: without(plan, ...kinds) };
    expect(await record({})).toMatchObject({ dataLossSeconds, writesEndedAt: start, unfenced: [], fenced: {} });
    expect(cloudWatch.calls()).toEqual([]);
  });
});
