// Consumers in a cluster: cron jobs are suspended and deployments stopped in the old region, and the other way round in the one that takes over.
import { DescribeClusterCommand, EKSClient } from '@aws-sdk/client-eks';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { parsePlan } from '../../../../check/plan.ts';
import { KubernetesClient, KubernetesFault } from '../../../../functions/aws/workloads/kubernetes.ts';
import { flowMessage } from '../../../../functions/domain/flow-words/flow-message.ts';
import { handler as fence } from '../../../../functions/kinds/consumers/fence.ts';
import { consumersAreReady, seeConsumers } from '../../../../functions/kinds/consumers/look.ts';
import { handler as takeOver } from '../../../../functions/kinds/consumers/take-over.ts';
import { connectedIn } from '../../../../infrastructure/runs/vpc.ts';
import { the, withClusterConsumers } from '../../../assets.ts';
import { mocked } from '../../../mocked.ts';
import { asked } from '../../../permissions/made.ts';
import { plan as base } from '../../../plan.ts';
import { failureOf, regionIncident as incident, reached, running, type Setting, start } from '../../setting.ts';
import { eksKnows } from '../eks-cluster/clusters.ts';

const plan = withClusterConsumers(base);
const asset = 'jobs';
const [home, away] = ['us-east-1', 'us-west-2'];
const eks = mocked(EKSClient);
/** By region: whether the cron job is suspended, and the replicas of the deployment; a fault in the place of one is thrown. */
let held: Record<string, { suspended: boolean | Error | null; wanted: number; running: number }>;
let changed: string[];
/** What is listed, by the operation. */
let listed: Record<string, object[]>;
let shell: Setting;

type Asked = {
  operation: string;
  input: { server: { region: string }; namespace: string; name: string; change?: { spec: Record<string, unknown> } };
};

beforeEach(async () => {
  eks.reset();
  eksKnows(eks);
  held = { [home]: { suspended: false, wanted: 4, running: 4 }, [away]: { suspended: true, wanted: 0, running: 0 } };
  changed = [];
  listed = {};
  vi.spyOn(KubernetesClient.prototype, 'send').mockImplementation((async ({ operation, input }: Asked) => {
    const { region } = input.server;
    if (operation.startsWith('List')) return { items: listed[operation] ?? [] };
    const of = held[region];
    if (of === undefined || of.suspended === null) throw new KubernetesFault('NotFound', 404, 'not found');
    if (of.suspended instanceof Error) throw of.suspended;
    const { suspend, replicas } = input.change?.spec ?? {};
    if (operation.startsWith('Patch'))
      changed.push(`${region} ${input.namespace}/${input.name} ${suspend ?? replicas}`);
    if (operation === 'PatchCronJob') of.suspended = suspend === true;
    if (operation === 'PatchScale') of.wanted = of.running = Number(replicas);
    if (/CronJob/.test(operation)) return { spec: of.suspended ? { suspend: true } : {} };
    return { spec: of.wanted === 0 ? {} : { replicas: of.wanted }, status: { replicas: of.running } };
  }) as never);
  shell = await running(incident, { plan, region: away });
});
afterEach(() => vi.restoreAllMocks());

const fenced = (approved: readonly string[] = []) => fence.on(shell)({ incident, asset, approved, unreachable: [] });
const took = async () => {
  await reached('take-over/database', incident, shell);
  return takeOver.on(shell)({ incident, asset });
};

test('the fence suspends cron jobs and stops deployments in the old region, and is done when it sees that', async () => {
  expect((await failureOf(fenced())).message).toBe(
    'cron job chatops-prod/chatops/digest is being switched off, and 1 more',
  );
  expect(changed).toEqual([`${home} chatops/digest true`, `${home} chatops/mailer 0`]);
  expect(await fenced()).toMatchObject({
    fenced: true,
    consumers: {
      'cron job/chatops-prod/chatops/digest': { before: 'enabled', after: 'suspended' },
      'deployment/chatops-prod/chatops/mailer': { before: '4 of 4 replicas', after: '0 of 0 replicas' },
    },
  });
  expect(await shell.store.readAudit(incident.id)).toMatchObject([
    { step: 'fence/jobs', call: 'kubernetes:PatchCronJob', target: 'chatops-prod/chatops/digest', region: home },
    { step: 'fence/jobs', call: 'kubernetes:PatchScale', target: 'chatops-prod/chatops/mailer', region: home },
  ]);
});

test('what goes on is said: jobs that had begun, and what KEDA starts again', async () => {
  const job = (name: string, owner: string, active: number) => ({
    metadata: { name, namespace: 'chatops', ownerReferences: [{ kind: 'CronJob', name: owner }] },
    status: active === 0 ? {} : { active },
  });
  listed = {
    ListJobs: [job('digest-1', 'digest', 0), job('digest-2', 'digest', 1), job('other-1', 'other', 1)],
    ListScaledObjects: [{ metadata: { name: 'mailer' }, spec: { scaleTargetRef: { name: 'mailer' } } }],
  };
  await failureOf(fenced());
  expect(await fenced()).toMatchObject({
    fenced: true,
    why: 'in us-east-1 ScaledObject chatops/mailer of KEDA starts deployment chatops/mailer again: pause it (kubectl annotate scaledobject mailer --namespace chatops --overwrite autoscaling.keda.sh/paused-replicas=0); job chatops/digest-2 of cron job digest had begun and still runs',
  });
  await failureOf(took());
  const message = flowMessage('recovered', incident, { assets: { jobs: await took() } }, '');
  expect(JSON.stringify(message)).toContain('Still at work: in us-east-1 ScaledObject chatops/mailer of KEDA starts');
  expect(JSON.stringify(message)).toContain('job chatops/digest-2 of cron job digest had begun and still runs');
});

test('EKS is asked once for a cluster in which several run', async () => {
  await failureOf(fenced());
  // Once to look, and once for each call.
  expect(eks.commandCalls(DescribeClusterCommand)).toHaveLength(3);
});

test('where they take over the cron job goes on, and the deployment has the replicas of the plan', async () => {
  expect((await failureOf(took())).message).toContain('cron job chatops-dr/chatops/digest is being switched on');
  expect(changed).toEqual([`${away} chatops/digest false`, `${away} chatops/mailer 4`]);
  expect(await took()).toMatchObject({ consumers: { 'cron job/chatops-dr/chatops/digest': { after: 'enabled' } } });
});

test('a cluster that refuses costs what is in it, and says what to do', async () => {
  held[home] = { suspended: new KubernetesFault('Forbidden', 403, 'no'), wanted: 4, running: 4 };
  // People are asked whether it may stay on.
  expect(await failureOf(fenced())).toMatchObject({
    name: 'ApprovalStale',
    message: expect.stringContaining('give its group the right (docs/deploy.md)'),
  });
  expect(await fenced(['jobs'])).toMatchObject({ fenced: false, unfenced: [home] });
});

test('a cluster that is still made is asked again', async () => {
  eks.on(DescribeClusterCommand).resolves({ cluster: { status: 'CREATING' } });
  expect(await failureOf(took())).toMatchObject({ name: 'Unavailable', message: /has no API server yet/ });
});

describe('what was off before', () => {
  test('is on where it takes over, and people read that', async () => {
    held[home] = { suspended: true, wanted: 4, running: 4 };
    await failureOf(fenced());
    await fenced();
    await failureOf(took());
    const outcome = await took();
    const said =
      'cron job chatops-prod/chatops/digest WAS OFF in us-east-1 before it was given up, and is on in us-west-2 now: switch it off there if it has to stay off';
    expect(outcome).toMatchObject({ wereOff: said });
    const message = flowMessage('recovered', incident, { assets: { jobs: outcome } }, '');
    expect(JSON.stringify(message)).toContain(said);
  });

  test('is not known of a region that did not answer', async () => {
    await failureOf(took());
    expect(await took()).not.toHaveProperty('wereOff');
  });
});

describe('before anything happens', () => {
  const leaving = {
    ...{ target: home, standby: away, now: start, aliveAt: start, writesEndedAt: start },
    ...{ called: [], fenced: [], mode: 'failover' as const },
  };

  test('who looks before a failover reaches no cluster: it asks EKS whether that is there', async () => {
    expect(await seeConsumers(leaving as never, shell)).toMatchObject({
      merits: ['2 of 2 consumers of jobs are in us-west-2'],
      open: [],
      unanswered: false,
    });
    expect(KubernetesClient.prototype.send).not.toHaveBeenCalled();
    eks.on(DescribeClusterCommand).rejects(Object.assign(new Error('no'), { name: 'TimeoutError' }));
    expect((await seeConsumers(leaving as never, shell)).open).toMatchObject([{ asset: 'jobs', reachable: false }]);
  });

  test.for<readonly [string, () => void, string, RegExp]>([
    ['off in the standby', () => undefined, 'ready', /all 2 consumers of us-west-2 are there, and off/],
    [
      'on there',
      () => {
        held[away] = { suspended: true, wanted: 4, running: 4 };
      },
      'not-ready',
      /mailer is 4 of 4 replicas in us-west-2, which does not serve users: two regions consume/,
    ],
    [
      'not reached',
      () => {
        held[away] = { suspended: new KubernetesFault('ETIMEDOUT', null, 'no connection'), wanted: 0, running: 0 };
      },
      'ready',
      /not seen from here: cron job chatops-dr\/chatops\/digest, deployment/,
    ],
    [
      'not there',
      () => {
        held[away] = { suspended: null, wanted: 0, running: 0 };
      },
      'not-ready',
      /digest does not exist in us-west-2/,
    ],
  ])('readiness says of those that are %s', async ([, arrange, state, why]) => {
    arrange();
    const verdict = await consumersAreReady(the('consumers', plan), shell);
    expect(verdict).toMatchObject({ state, why: expect.stringMatching(why) });
  });

  test('the functions that switch them run in the network of the plan', () => {
    expect(connectedIn(asked(away, plan))).toEqual(
      expect.arrayContaining(['fence', 'unfence', 'take-over', 'fence-late'].map((verb) => `consumers-${verb}`)),
    );
    expect(connectedIn(asked(away, base)).filter((name) => name.startsWith('consumers-'))).toEqual([]);
  });
});

describe('a plan', () => {
  const wrong = (change: (place: Record<string, object[]>) => object) => {
    const jobs = the('consumers', plan);
    const regions = Object.fromEntries(
      Object.entries(jobs.regions).map(([region, place]) => [region, change(JSON.parse(JSON.stringify(place)))]),
    );
    try {
      parsePlan(JSON.parse(JSON.stringify({ ...plan, assets: [...plan.assets.slice(0, -1), { ...jobs, regions }] })));
      return '';
    } catch (error) {
      return String((error as Error).message);
    }
  };

  test('that says all of it is taken', () => expect(wrong((place) => place)).toBe(''));

  test.for<readonly [string, (place: Record<string, object[]>) => object, RegExp]>([
    [
      'of a cluster that no asset has',
      ({ cronJobs }) => ({ cronJobs: cronJobs?.map((one) => ({ ...one, cluster: 'other' })) }),
      /cron job other\/chatops\/digest.*expected a cluster that an eks-cluster of the plan has in us-east-1: chatops-prod/,
    ],
    ['that is named twice', ({ cronJobs = [] }) => ({ cronJobs: [...cronJobs, ...cronJobs] }), /each consumer once/],
    [
      'that the cluster scales itself',
      ({ deployments }) => ({ deployments: deployments?.map((one) => ({ ...one, name: 'chatops-worker' })) }),
      /no deployment that is in scale\.deployments of its cluster too/,
    ],
    [
      'without a namespace',
      ({ cronJobs }) => ({ cronJobs: cronJobs?.map((one) => ({ ...one, namespace: undefined })) }),
      /namespace/,
    ],
  ])('with one %s is refused in one line', ([, change, line]) => {
    expect(wrong(change)).toMatch(line);
  });
});
