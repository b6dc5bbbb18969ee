// What no stack can be made of, or none that would work: `check` says it, and packaging stops. Pure.
import { isIP } from 'node:net';
import { standsIn } from '../functions/domain/plan/assets.ts';
import { topicsTo } from '../functions/domain/plan/channels.ts';
import { must, type Wrong, wrong } from '../functions/domain/plan/issues.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { unreadEvents } from '../functions/domain/signals/own-events.ts';
import { askable } from '../functions/domain/signals/probe.ts';
import { isSurelyApex } from '../functions/domain/traffic/record.ts';
import { wrongKeys } from './contradictions.ts';
import { notOffered } from './offers.ts';
import { unmatchable } from './patterns.ts';

/** Regions in which a DynamoDB table can be strongly consistent: three of one set. [AWS::DynamoDB::GlobalTable GlobalTableWitness] */
export const strongSets: readonly (readonly string[])[] = [
  ['us-east-1', 'us-east-2', 'us-west-2'],
  ['eu-west-1', 'eu-west-2', 'eu-west-3', 'eu-central-1'],
  ['ap-northeast-1', 'ap-northeast-2', 'ap-northeast-3'],
];

/** Everything, of a plan whose shape is valid. */
export function findRefusals(plan: Plan): Wrong[] {
  return [
    ...state(plan),
    ...network(plan),
    ...addresses(plan),
    ...latches(plan),
    ...caches(plan),
    ...record(plan),
    ...topics(plan),
    ...onCall(plan),
    ...probes(plan),
    ...ownEvents(plan),
    ...predictions(plan),
    ...notOffered(plan),
    ...unmatchable(plan),
  ];
}

/** Lock, epoch and approvals are one truth only where the table is strongly consistent; elsewhere DynamoDB refuses to make it. */
function state({ roles }: Plan): Wrong[] {
  const { primary, standby, witness } = roles;
  const set = strongSets.find((one) => one.includes(primary));
  const why = 'where DynamoDB makes a strongly consistent table';
  if (set === undefined)
    return [wrong(['roles', 'primary'], primary, `one of ${strongSets.flat().join(', ')}: ${why}`)];
  const outside = (region: string) => !set.includes(region);
  const legal = (taken: string) => set.filter((one) => one !== primary && one !== taken).join(', ');
  return [
    ...must(!outside(standby), 'roles.standby', standby, `one of ${legal(witness)}: ${why} with ${primary}`),
    ...must(
      !outside(witness),
      'roles.witness',
      witness,
      `one of ${legal(standby)}: ${why} with ${[primary, ...(outside(standby) ? [] : [standby])].join(' and ')}`,
    ),
  ];
}

/** A latch lies in two regions outside the one that it gives up, so that losing one of them sends nobody back. */
function latches({ redirection: { mode, latchBuckets }, roles, regions }: Plan): Wrong[] {
  if (mode !== 'latch') return [];
  const mains = [roles.primary, roles.standby];
  const expected = 'buckets in two regions that are not REGION: a lost one would send users back';
  const keys = wrongKeys(latchBuckets, 'redirection.latchBuckets', mains, regions, expected);
  if (keys.length > 0) return keys;
  const homes = new Map<string, string>();
  return mains.flatMap((givenUp) => {
    const buckets = Object.entries(latchBuckets[givenUp] ?? {});
    const path = `redirection.latchBuckets.${givenUp}`;
    const outside = buckets.filter(([region]) => region !== givenUp);
    const each = buckets.flatMap(([region, bucket]) => {
      const home = homes.get(bucket) ?? region;
      homes.set(bucket, home);
      return [
        ...must(region !== givenUp, `${path}.${region}`, bucket, 'no bucket in the region that is given up'),
        ...must(home === region, `${path}.${region}`, bucket, `a name of its own: it is the bucket in ${home}`),
      ];
    });
    // A bucket in the region itself is said, and not that those outside are too few for it.
    if (outside.length < buckets.length) return each;
    return [...must(outside.length >= 2, path, latchBuckets[givenUp], expected.replace('REGION', givenUp)), ...each];
  });
}

/** Exports hold what users are signed in with, and anybody may read a bucket of latches; and two caches under one name would be one. */
function caches({ assets, redirection: { latchBuckets } }: Plan): Wrong[] {
  const latched = Object.values(latchBuckets).flatMap((buckets) => Object.values(buckets));
  return assets.flatMap((asset, index) => {
    if (asset.kind !== 'elasticache') return [];
    return Object.entries(asset.regions).flatMap(([region, { snapshotBucket, restore }]) => {
      const path = `assets.${index}.regions.${region}`;
      const bucket = snapshotBucket?.name;
      const others = assets.filter((one) => one !== asset && one.kind === 'elasticache');
      const taken = others.flatMap((one) => standsIn(region, one));
      const shared = restore === undefined ? undefined : standsIn(region, asset).find((name) => taken.includes(name));
      return [
        ...must(
          bucket === undefined || !latched.includes(bucket),
          `${path}.snapshotBucket.name`,
          bucket,
          'another bucket than those of the latches, which anybody may read',
        ),
        ...must(
          shared === undefined,
          `${path}.restore.replicationGroup`,
          restore?.replicationGroup,
          `a name of its own, also with -2 and -3 behind it: ${shared} is of another cache`,
        ),
      ];
    });
  });
}

/** A record that is changed becomes a simple CNAME to a region's own name. What only Route 53 knows, readiness looks at. */
function record({ redirection: { mode, record: name }, service, roles }: Plan): Wrong[] {
  if (mode !== 'record-change') return [];
  const hosts = [roles.primary, roles.standby].flatMap((region) => {
    const url = service.regionalHealthUrls[region];
    return url === undefined ? [] : [{ region, url, host: new URL(url).hostname }];
  });
  return [
    ...must(
      !isSurelyApex(name),
      'redirection.record',
      name,
      'a name below its zone, as the apex takes no CNAME: set mode: latch, whose records may be aliases',
    ),
    ...hosts.flatMap(({ region, url, host }) =>
      must(
        isIP(host.replace(/^\[|\]$/g, '')) === 0,
        `service.regionalHealthUrls.${region}`,
        url,
        'a name and no address, as a changed record is a CNAME to it',
      ),
    ),
  ];
}

/** A region is asked itself before users are sent there: without its address a flow would stop before that. */
function addresses({ service, roles, regions }: Plan): Wrong[] {
  const mains = [roles.primary, roles.standby];
  const path = 'service.regionalHealthUrls';
  return wrongKeys(service.regionalHealthUrls, path, mains, regions, 'the health page of REGION, past the DNS record');
}

/** Kinds whose take-over takes time of its own. */
const slow = ['rds-instance', 'elasticache'] as const;

/** What is told to people and compared with the objective is made of what the plan has: each of it, and nothing else. */
function predictions(plan: Plan): Wrong[] {
  const { takeOverSeconds } = plan.predictions;
  const path = (kind: string) => `predictions.takeOverSeconds.${kind}`;
  const isThere = (kind: string) => plan.assets.some((asset) => asset.kind === kind);
  return [
    ...slow.flatMap((kind) =>
      must(
        takeOverSeconds[kind] !== undefined || !isThere(kind),
        path(kind),
        undefined,
        'the seconds that it takes, as assets has one',
      ),
    ),
    ...Object.entries(takeOverSeconds).flatMap(([kind, value]) =>
      must(isThere(kind), path(kind), value, 'nothing, as assets has none of that kind'),
    ),
  ];
}

/** A dependency that cannot be asked is never found to fail: its alarm has no data, day by day. */
function probes(plan: Plan): Wrong[] {
  const services = askable(plan);
  return plan.dependencies.hard.flatMap((service, index) =>
    must(
      services.includes(service),
      `dependencies.hard.${index}`,
      service,
      `one of ${services.join(', ')}: there is nothing in assets that another could be asked about`,
    ),
  );
}

/** A function fails each time where nothing would read what it tells. */
function ownEvents(plan: Plan): Wrong[] {
  const sources = plan.signals.events.map(({ source }) => source);
  const unread = unreadEvents(plan).map(({ source, kind }) => `${source} with kind ${kind}`);
  const expected = `a rule for ${unread.join(', and one for ')}: Breakwater puts these events every minute`;
  return must(unread.length === 0, 'signals.events', sources, expected);
}

function network({ vpc = {}, roles }: Plan): Wrong[] {
  return Object.entries(vpc).flatMap(([region, value]) =>
    must(
      region === roles.primary || region === roles.standby,
      `vpc.${region}`,
      value,
      'a network in the primary or the standby region: no other has functions that need one',
    ),
  );
}

/** Each contact has topics that are named after it; `cache-events` is another one's name, and so is that of a later channel. */
function topics({ contacts }: Plan): Wrong[] {
  const later = Object.entries(contacts).flatMap(([role, contact]) =>
    topicsTo(role, contact).filter(({ of }) => of !== role),
  );
  const taken = ['cache-events', ...later.map(({ of }) => of)];
  return Object.keys(contacts).flatMap((role) =>
    /^[a-z][a-z0-9-]*$/.test(role) && !taken.includes(role)
      ? []
      : [
          wrong(
            ['contacts', role],
            role,
            `the name of a topic: lower-case letters, digits and hyphens, not ${taken.join(', ')}`,
          ),
        ],
  );
}

/** Alarms on the automation itself go to the first who is told when a flow fails. */
function onCall({ notifications, contacts }: Plan): Wrong[] {
  const [first = ''] = notifications.failure;
  const contact = contacts[first];
  return must(
    contact === undefined || topicsTo(first, contact).length > 0,
    'notifications.failure.0',
    first,
    `a role with a channel that is a topic, as ${contact?.channel} is none: alarms on the automation reach people through SNS alone, so give it next: [email]`,
  );
}
