// The digital twin of consumers: event source mappings, schedules, rules and ECS services without users. One that is on in a region that
// is not dark takes work there, and writes what comes of it into the database of that region.
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
import * as z from 'zod';
import { type AssetOf, assetsOf } from '../../../functions/domain/plan/assets.ts';
import { type Consumer, consumersOf } from '../../../functions/kinds/consumers/rules/listed.ts';
import { type Answers, noteMutation, read } from '../apis/answer.ts';
import { refusal } from '../calls/aws-error.ts';
import { distribution, drawSeconds } from '../chance/latencies.ts';
import { createServices, tasksOf } from '../ecs-service/twin.ts';
import { workloadsIn } from '../eks-cluster/workloads.ts';
import type { Standing, TruthOf } from '../twins.ts';
import type { Call } from '../types.ts';
import type { World } from '../world.ts';

type Mapping = {
  readonly uuid: string;
  readonly function: string;
  state: 'Enabled' | 'Disabled' | 'Enabling' | 'Disabling';
};
type Schedule = Readonly<Record<string, unknown>>;
type Rule = { state: 'ENABLED' | 'DISABLED'; works: boolean };

type InRegion = {
  readonly mappings: Map<string, Mapping>;
  readonly schedules: Map<string, Schedule>;
  readonly rules: Map<string, Rule>;
};

/** What each consumer that works writes. */
const writesPerSecond = 1;

/** A start that has passed by more is refused [moto pull request 8172, where AWS's message stands]. */
const oldestStartMs = 300_000;

const latencies = z
  .strictObject({ 'mapping-switch': distribution, 'rule-effect': distribution })
  .parse(parse(readFileSync(new URL('./latencies.yml', import.meta.url), 'utf8')));

const mappingId = z.looseObject({ UUID: z.string() });
const mappingChange = mappingId.extend({ Enabled: z.boolean().optional() });
const scheduleId = z.looseObject({ Name: z.string(), GroupName: z.string().default('default') });
/** All that is given counts, and all that is not is reset. */
const schedule = scheduleId.extend({
  ScheduleExpression: z.string().regex(/^(at|rate|cron)\(.+\)$/),
  FlexibleTimeWindow: z.looseObject({ Mode: z.enum(['OFF', 'FLEXIBLE']) }),
  Target: z.looseObject({ Arn: z.string(), RoleArn: z.string() }),
  State: z.enum(['ENABLED', 'DISABLED']).default('ENABLED'),
  ScheduleExpressionTimezone: z.string().default('UTC'),
  ActionAfterCompletion: z.enum(['NONE', 'DELETE']).default('NONE'),
  StartDate: z.number().optional(),
  EndDate: z.number().optional(),
});
const ruleId = z.looseObject({ Name: z.string(), EventBusName: z.string().default('default') });

/** By world: the consumers that take work in a region now, and how much they write into a database there. */
const working = new WeakMap<World, (asset: AssetOf<'consumers'>, region: string) => readonly Consumer[]>();

/** What consumers of a region write into a database, in writes a second. Nothing where the plan has none. */
export function consumedPerSecond(world: World, region: string, database: string): number {
  const worksIn = working.get(world);
  if (worksIn === undefined) return 0;
  const own = assetsOf('consumers', world.plan).filter(({ needs }) => needs.includes(database));
  return writesPerSecond * own.reduce((sum, asset) => sum + worksIn(asset, region).length, 0);
}

/** Those of the users' region work, and no others do. */
export const consumersTruth: TruthOf<'consumers'> = ({ name, regions }, { world }, _, usersRegion) => {
  const asset = assetsOf('consumers', world.plan).find((one) => one.name === name);
  const works = (region: string) => (asset === undefined ? 0 : (working.get(world)?.(asset, region).length ?? 0));
  const place = regions[usersRegion];
  const all = place === undefined ? 0 : consumersOf(place).length;
  const others = Object.keys(regions).filter((region) => region !== usersRegion && works(region) > 0);
  return {
    region: works(usersRegion) > 0 ? usersRegion : (others[0] ?? usersRegion),
    zone: null,
    serves: works(usersRegion) === all && others.length === 0,
  };
};

export function createConsumers(world: World): Standing {
  const { plan, account } = world;
  const assets = assetsOf('consumers', plan);
  const ecs = createServices(world);
  const regions = new Map([plan.roles.primary, plan.roles.standby].map((region) => [region, stand(region)] as const));

  function stand(region: string): InRegion {
    const on = region === plan.roles.primary;
    const places = assets.flatMap((asset) => asset.regions[region] ?? []);
    return {
      mappings: new Map(
        places.flatMap(({ mappings }) =>
          mappings.map((one) => [one.uuid, { ...one, state: on ? 'Enabled' : 'Disabled' }] as const),
        ),
      ),
      schedules: new Map(
        places.flatMap(({ schedules }) =>
          schedules.map(({ group, name, role }) => [`${group}/${name}`, made(region, group, name, role, on)] as const),
        ),
      ),
      rules: new Map(
        places.flatMap(({ rules }) =>
          rules.map(({ bus, name }) => [`${bus}/${name}`, { state: on ? 'ENABLED' : 'DISABLED', works: on }] as const),
        ),
      ),
    };
  }

  /** One that has most of what a schedule can have: a day old, in a time zone, with a queue for what failed. */
  function made(region: string, group: string, name: string, role: string, on: boolean): Schedule {
    const bornAt = world.now() / 1000 - 86_400;
    return {
      Arn: `arn:aws:scheduler:${region}:${account}:schedule/${group}/${name}`,
      Name: name,
      GroupName: group,
      CreationDate: bornAt,
      LastModificationDate: bornAt,
      StartDate: bornAt,
      Description: `runs ${name}`,
      ScheduleExpression: 'cron(0/5 * * * ? *)',
      ScheduleExpressionTimezone: 'Europe/Berlin',
      FlexibleTimeWindow: { Mode: 'FLEXIBLE', MaximumWindowInMinutes: 2 },
      ActionAfterCompletion: 'NONE',
      State: on ? 'ENABLED' : 'DISABLED',
      Target: {
        Arn: `arn:aws:lambda:${region}:${account}:function:${name}`,
        RoleArn: `arn:aws:iam::${account}:role/${role}`,
        Input: '{}',
        RetryPolicy: { MaximumEventAgeInSeconds: 300, MaximumRetryAttempts: 2 },
      },
    };
  }

  const at = ({ region }: Pick<Call, 'region'>): InRegion =>
    regions.get(region) ?? { mappings: new Map(), schedules: new Map(), rules: new Map() };

  /** @throws ResourceNotFoundException */
  const there = <One>(found: One | undefined, message: string, status = 404): One => {
    if (found === undefined) throw refusal('ResourceNotFoundException', message, status);
    return found;
  };

  const mappingOf = (call: Call): Mapping =>
    there(at(call).mappings.get(read(mappingId, call).UUID), 'The resource you requested does not exist.');
  const shown = ({ uuid, function: name, state }: Mapping, region: string) => ({
    UUID: uuid,
    FunctionArn: `arn:aws:lambda:${region}:${account}:function:${name}`,
    State: state,
    StateTransitionReason: 'USER_INITIATED',
  });

  const lambda: Answers = {
    GetEventSourceMapping: (call) => shown(mappingOf(call), call.region),
    UpdateEventSourceMapping(call, parts) {
      const mapping = mappingOf(call);
      const { Enabled } = read(mappingChange, call);
      if (/ing$/.test(mapping.state))
        throw refusal('ResourceInUseException', 'Cannot update the event source mapping because it is in use.');
      const end = Enabled === false ? 'Disabled' : 'Enabled';
      if (mapping.state !== end) {
        mapping.state = end === 'Enabled' ? 'Enabling' : 'Disabling';
        const seconds = drawSeconds(latencies['mapping-switch'], world.chances.durations);
        world.recordWork('mapping-switch', mapping.uuid, seconds, call.caller);
        world.after(seconds, () => {
          mapping.state = end;
        });
      }
      noteMutation(call, parts, mapping.uuid, null);
      return shown(mapping, call.region);
    },
  };

  const scheduler: Answers = {
    GetSchedule(call) {
      const { Name, GroupName } = read(scheduleId, call);
      return { ...there(at(call).schedules.get(`${GroupName}/${Name}`), `Schedule ${Name} does not exist.`) };
    },
    UpdateSchedule(call, parts) {
      const { ClientToken: _, ...given } = read(schedule, call);
      const { Name, GroupName, StartDate } = given;
      const key = `${GroupName}/${Name}`;
      const known = there(at(call).schedules.get(key), `Schedule ${Name} does not exist.`);
      if (StartDate !== undefined && StartDate * 1000 < world.now() - oldestStartMs)
        throw refusal('ValidationException', 'The StartDate you specify cannot be earlier than 5 minutes ago.');
      const { Arn, CreationDate } = known;
      at(call).schedules.set(key, { ...given, Arn, CreationDate, LastModificationDate: world.now() / 1000 });
      noteMutation(call, parts, key, null);
      return { ScheduleArn: Arn };
    },
  };

  const ruleOf = (call: Call): Rule => {
    const { Name, EventBusName } = read(ruleId, call);
    return there(
      at(call).rules.get(`${EventBusName}/${Name}`),
      `Rule ${Name} does not exist on EventBus ${EventBusName}.`,
      400,
    );
  };
  const switchRule =
    (on: boolean): Answers[string] =>
    (call, parts) => {
      const rule = ruleOf(call);
      const { Name, EventBusName } = read(ruleId, call);
      rule.state = on ? 'ENABLED' : 'DISABLED';
      const seconds = drawSeconds(latencies['rule-effect'], world.chances.durations);
      world.after(seconds, () => {
        rule.works = rule.state === 'ENABLED';
      });
      noteMutation(call, parts, `${EventBusName}/${Name}`, null);
      return {};
    };
  const eventbridge: Answers = {
    DescribeRule(call) {
      const { Name, EventBusName } = read(ruleId, call);
      return { Name, EventBusName, State: ruleOf(call).state };
    },
    EnableRule: switchRule(true),
    DisableRule: switchRule(false),
  };

  /** Each role of the plan is there, and Scheduler may take it. */
  const iam: Answers = {
    GetRole: () => ({
      Role: { AssumeRolePolicyDocument: encodeURIComponent('{"Service":"scheduler.amazonaws.com"}') },
    }),
  };

  /** What polls, fires, matches or runs. One that is being switched off still works, and one that is being switched on does not yet. */
  const works = (one: Consumer, region: string): boolean => {
    const here = at({ region });
    switch (one.what) {
      case 'mapping':
        return ['Enabled', 'Disabling'].includes(here.mappings.get(one.uuid)?.state ?? '');
      case 'schedule':
        return here.schedules.get(`${one.group}/${one.name}`)?.['State'] === 'ENABLED';
      case 'rule':
        return here.rules.get(`${one.bus}/${one.name}`)?.works === true;
      case 'service':
        return tasksOf(world, region, one) > 0;
      case 'cronJob':
        return (
          workloadsIn(world, region, one.cluster)?.cronJobs.get(`${one.namespace}/${one.name}`)?.suspended === false
        );
      case 'deployment': {
        const { namespace, name } = one;
        const all = workloadsIn(world, region, one.cluster)?.deployments ?? [];
        return all.some((seen) => seen.namespace === namespace && seen.name === name && seen.running > 0);
      }
    }
  };
  const worksIn = (asset: AssetOf<'consumers'>, region: string): Consumer[] => {
    const place = asset.regions[region];
    return place === undefined || world.isDark(region) ? [] : consumersOf(place).filter((one) => works(one, region));
  };
  working.set(world, worksIn);

  return {
    services: { ...ecs.services, lambda, scheduler, eventbridge, iam },
    // Users are served also where nothing is consumed.
    serves: () => true,
    consuming: () =>
      Object.fromEntries(
        assets.map((asset) => [
          asset.name,
          Object.keys(asset.regions).filter((region) => worksIn(asset, region).length > 0),
        ]),
      ),
  };
}
