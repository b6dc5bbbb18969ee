// Static stability of a plan: what a recovery would depend on that may be gone with the region it saves. Pure. What no stack can be
// made of is in refusals.ts, rules about the packaged template in stability-template.ts; reasons with their sources in docs/static-stability.md.
import { error, type Weakness, warning } from '../functions/domain/kind/stability.ts';
import { kindNames, saidOf } from '../functions/domain/plan/assets.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { executionSeconds } from '../functions/domain/recovery/predict.ts';
import { ownSources } from '../functions/domain/signals/own-events.ts';
import { isSurelyApex } from '../functions/domain/traffic/record.ts';

/** Where the control planes stand that change DNS records and health checks, wherever they are called from. */
const route53ControlPlane = 'us-east-1';

/** Everything in a valid plan that makes a recovery unsafe, in the order of the plan's sections. */
export function findInPlan(plan: Plan): Weakness[] {
  return [
    ...regions(plan),
    ...observers(plan),
    ...assets(plan),
    ...capacity(plan),
    ...verification(plan),
    ...redirection(plan),
    ...approval(plan),
    ...times(plan),
    ...senders(plan),
    ...dependents(plan),
  ];
}

/** What the application uses by an address fails it everywhere. Without that in the plan, the last zone that works looks like the lost one. */
function dependents({ assets, dependents, levels }: Plan): Weakness[] {
  if (levels.level2.mode !== 'act') return [];
  const unnamed = assets.flatMap((asset) => {
    const { called, hasAddress } = saidOf(asset);
    const isNamed = [asset.name, called ?? asset.name].some((name) => (dependents[name] ?? []).length > 0);
    return hasAddress === true && !isNamed ? asset.name : [];
  });
  return unnamed.map((name) =>
    warning('no-dependents', ['dependents'], {
      depends: `leaving the right zone depends on knowing what fails when ${name} fails, and the plan does not say it`,
      reason: 'zones that are gone get no requests and have no errors: what fails in the last zone may fail by this',
      fix: `name under dependents.${name} the components whose requests need it, such as api`,
    }),
  );
}

/** What Breakwater does not tell itself comes from senders; the bus refuses everybody whom the plan does not name. */
function senders({ application, signals }: Plan): Weakness[] {
  const own = Object.values(ownSources).map((source) => `${application}.${source}`);
  const unsent = signals.events.filter(({ source }) => !own.includes(source));
  if (unsent.length === 0 || signals.senders.length > 0) return [];
  return [
    warning('nobody-may-send', ['signals', 'senders'], {
      depends: `hearing of ${unsent.map(({ kind, source }) => `${kind} (${source})`).join(', ')} depends on senders, and the plan names none`,
      reason:
        'the bus of the application refuses everybody else: what a release or planned work breaks is never explained by it',
      fix: 'name the roles that put these events, such as role/chatops-deploy',
    }),
  ];
}

/** The regions that serve users or take over; roles move between them, so every rule is about both. */
export function mainRegions({ roles }: Plan): [string, string] {
  return [roles.primary, roles.standby];
}

function regions(plan: Plan): Weakness[] {
  const { primary, standby } = plan.roles;
  const owners = new Map(Object.keys(plan.regions[primary]?.zones ?? {}).map((zone) => [zone, primary]));
  const shared = Object.keys(plan.regions[standby]?.zones ?? {}).filter((zone) => owners.has(zone));
  const elsewhere = mainRegions(plan).flatMap((region) =>
    Object.entries(plan.regions[region]?.zones ?? {}).flatMap(([id, name]) =>
      name.startsWith(region) ? [] : [{ region, id, name }],
    ),
  );
  return [
    ...shared.map((zone) =>
      error('standby-in-primary', ['regions', standby, 'zones', zone], {
        depends: `the standby ${standby} depends on ${zone}, a zone of ${primary}`,
        reason: 'what stands in the region that is lost cannot take over from it',
        fix: `name the zones of ${standby} itself`,
      }),
    ),
    ...elsewhere.map(({ region, id, name }) =>
      error('zone-of-another-region', ['regions', region, 'zones', id], {
        depends: `moving out of zones of ${region} depends on ${name}, which is in another region`,
        reason: 'a zone that is not in the region is never seen to fail, and what is moved into it leaves the region',
        fix: `name the zones of ${region}; their names begin with it`,
      }),
    ),
  ];
}

function observers({ roles, evidence }: Plan): Weakness[] {
  if (roles.observers.length >= 2) return [];
  return [
    warning('single-observer', ['roles', 'observers'], {
      depends: `a region disaster depends on ${roles.observers.join(', ') || 'no observer'} and the other main region seeing it`,
      reason: `${evidence.region.observers} outside observers have to agree; when one is lost too, a lost region is never believed to be lost`,
      fix: 'name at least two observer regions that are neither primary nor standby',
    }),
  ];
}

/** What each kind finds in its assets, kind after kind. */
function assets({ assets: all, roles }: Plan): Weakness[] {
  return kindNames.flatMap((kind) =>
    all.flatMap((asset, index) => {
      const path = (...keys: readonly string[]) => ['assets', String(index), ...keys];
      return asset.kind === kind ? (saidOf(asset).weaknessesIn?.(asset, { ...roles, path }) ?? []) : [];
    }),
  );
}

function capacity(plan: Plan): Weakness[] {
  const { regions: places, roles } = plan;
  const weaknesses: Weakness[] = [];
  const zones = Object.keys(places[roles.standby]?.zones ?? {});
  if (zones.length < 2) {
    weaknesses.push(
      warning('standby-single-zone', ['regions', roles.standby, 'zones'], {
        depends: `the service in ${roles.standby} depends on ${zones.length === 1 ? `one zone, ${zones[0]}` : 'zones that the plan does not name'}`,
        reason: 'after a failover the loss of one zone ends the service, and no zone flow can leave it',
        fix: 'name at least two zones, and run in them',
      }),
    );
  }
  return weaknesses;
}

function verification(plan: Plan): Weakness[] {
  const {
    service,
    redirection: { record },
    roles,
  } = plan;
  return mainRegions(plan).flatMap((region): Weakness[] => {
    const url = service.regionalHealthUrls[region];
    if (url === undefined) return []; // refused
    const other = region === roles.primary ? roles.standby : roles.primary;
    const path = ['service', 'regionalHealthUrls', region];
    const host = new URL(url).hostname;
    const leads = host === record || host === new URL(service.healthUrl).hostname;
    if (!leads && !(host.includes(other) && !host.includes(region)) && url !== service.regionalHealthUrls[other])
      return [];
    return [
      error('asks-the-lost-region', path, {
        depends: `verifying ${region} depends on ${host}, which leads to ${leads ? 'whichever region the record names' : other}`,
        reason: 'before users are moved that is the region that is given up: what takes over is never asked',
        fix: `name an address that leads to ${region} whatever the record says`,
      }),
    ];
  });
}

function redirection(plan: Plan): Weakness[] {
  const { mode, record } = plan.redirection;
  if (mode === 'latch') return isSurelyApex(record) ? [latchAtApex(record)] : [];
  const saved = mainRegions(plan).includes(route53ControlPlane);
  return [
    warning('route-53-control-plane', ['redirection', 'mode'], {
      depends: `moving users depends on changing ${record}, which Route 53 does in ${route53ControlPlane}${saved ? ', a region that this plan saves' : ''}`,
      reason:
        'the control plane of Route 53 stands in that one region; answers to queries and health checks go on without it',
      fix: 'set mode: latch, with buckets outside the region that is given up',
    }),
  ];
}

/** Of a name with more labels only Route 53 knows. A changed record at the apex is refused: it is a CNAME in any case. */
function latchAtApex(record: string): Weakness {
  return warning('latch-at-apex', ['redirection', 'record'], {
    depends: `moving users depends on two failover records of ${record}, which the last step of a deployment makes as CNAMEs`,
    reason: `${record} is the apex of its zone, and Route 53 takes no CNAME there: that step fails`,
    fix: 'name a record below it, or deploy with --param records=elsewhere and make the two as aliases',
  });
}

function approval({ approval: { expirySeconds, reminderSeconds } }: Plan): Weakness[] {
  if (reminderSeconds < expirySeconds) return [];
  return [
    warning('no-reminder', ['approval', 'reminderSeconds'], {
      depends: 'an approval depends on the first mail alone: the reminder would come when the request has expired',
      reason: 'a mail that was lost, or slept through, is not sent again',
      fix: `make it less than expirySeconds, ${expirySeconds}`,
    }),
  ];
}

/** From the first signal of a lost region until users are served, when people answer the first reminder. */
function regionSeconds(plan: Plan): number {
  return plan.evidence.region.confirmSeconds + plan.approval.reminderSeconds + executionSeconds(plan);
}

function times(plan: Plan): Weakness[] {
  const {
    objectives: { rtoSeconds },
    drills,
    approval: { reminderSeconds, expirySeconds },
  } = plan;
  const needed = regionSeconds(plan);
  const weaknesses: Weakness[] = [];
  if (needed > rtoSeconds) {
    weaknesses.push(
      error('rto-cannot-be-met', ['objectives', 'rtoSeconds'], {
        depends: `${rtoSeconds} s depend on a region failover that is predicted to take ${needed} s`,
        reason: `confirming, an answer to the first reminder (${reminderSeconds} s) and the plan's predictions add up to more`,
        fix: 'shorten what takes longest, or state the objective that can be met',
      }),
    );
  } else if (needed - reminderSeconds + expirySeconds > rtoSeconds) {
    weaknesses.push(
      warning('approval-outlasts-rto', ['approval', 'expirySeconds'], {
        depends: `${rtoSeconds} s depend on an answer well before the request expires, after ${expirySeconds} s`,
        reason: 'an approval that is given late, and is still valid, comes too late for the objective',
        fix: `make it at most ${rtoSeconds - needed + reminderSeconds} s`,
      }),
    );
  }
  for (const [index, { name, scenario, withinSeconds }] of drills.entries()) {
    const path = ['drills', String(index), 'withinSeconds'];
    if (withinSeconds > rtoSeconds) {
      weaknesses.push(
        error('drill-outlasts-rto', path, {
          depends: `that ${rtoSeconds} s are met depends on the drill "${name}", which passes after ${withinSeconds} s`,
          reason: 'a drill that may take longer than the objective proves nothing about it',
          fix: `make it at most ${rtoSeconds}`,
        }),
      );
    } else if (scenario.startsWith('region-') && withinSeconds < needed) {
      weaknesses.push(
        error('drill-cannot-be-met', path, {
          depends: `the drill "${name}" depends on a region failover within ${withinSeconds} s, predicted are ${needed} s`,
          reason: 'a drill that fails each time is not looked at any more',
          fix: `make it at least ${needed}, or shorten what takes longest`,
        }),
      );
    }
  }
  return weaknesses;
}
