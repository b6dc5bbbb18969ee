// Those who watch from outside and inside: canaries that try the users' journey, probes of the primary's control planes,
// the heartbeat, the replica's metric and the DNS health check. Each looks once a minute.
import type { Alarms } from './alarms.ts';
import type { Dns } from './dns.ts';
import { hex, type Random, uuid } from './random.ts';
import type { Replication } from './replication.ts';
import type { Service } from './service.ts';
import { ownEvent, type World } from './world.ts';

/** Requests of one run of a canary; from this share of successes on the run passes. */
const journeyRequests = 20;
const passingPercent = 90;

export type Observers = {
  /** Called each tick with the second of the minute. */
  tick(second: number): void;
};

type Parts = { service: Service; alarms: Alarms; dns: Dns; replication: Replication };

export function createObservers(world: World, { service, alarms, dns, replication }: Parts): Observers {
  const { plan, account, chances } = world;
  const { application } = plan;
  const { primary, standby } = plan.roles;
  const canaries = [standby, ...plan.roles.observers, primary].map((region) => ({
    region,
    name: `${application}-${region}`,
    id: canaryId(chances.ids),
  }));
  let beats = 0;

  const beat = (): void => {
    beats += 1;
    const detail = { application, sourceRegion: primary, sequence: beats, sentBy: `${application}-heartbeat-schedule` };
    const sent = world.emit({ region: primary, ...ownEvent(plan, 'beat'), detail });
    if (sent !== null && world.canReach(primary, standby))
      alarms.record(standby, `${application}-heartbeat-${primary}`, 1);
  };

  const run = (canary: (typeof canaries)[number]): void => {
    const { region, name, id } = canary;
    const users = dns.usersRegion();
    const seconds = 2 + 6 * chances.observers();
    const broken = world.faults.of('canary-broken').some((fault) => fault.observer === region);
    const reaches = !broken && world.canReach(region, users) && world.canReach(users, region);
    const chance = reaches ? service.successRatio(users) : 0;
    let successes = 0;
    for (let request = 0; request < journeyRequests; request += 1) if (chances.observers() < chance) successes += 1;
    const percent = (100 * successes) / journeyRequests;
    const passed = percent >= passingPercent;
    const started = Math.floor(world.now() / 1000);
    const completed = Math.floor(started + seconds);
    world.after(seconds, () => {
      alarms.record(region, `${application}-canary-${region}`, percent);
      const day = new Date(started * 1000).toISOString().slice(0, 10).replaceAll('-', '/');
      const detail = {
        'account-id': account,
        'canary-id': id,
        'canary-name': name,
        'canary-run-id': uuid(chances.ids),
        'artifact-location': `cw-syn-results-${account}-${region}/canary/${region}/${name}/${day}`,
        'test-run-status': passed ? 'PASSED' : 'FAILED',
        'state-reason': passed ? 'null' : failureReason(broken, reaches),
        'canary-run-timeline': { started, completed },
        message: 'Test run result is generated successfully',
      };
      const type = `Synthetics Canary TestRun ${passed ? 'Successful' : 'Failure'}`;
      world.emit({ region, source: 'aws.synthetics', type, detail });
    });
  };

  const probe = (service: string): void => {
    const broken = world.faults.of('api-failure').some((fault) => {
      const here = (fault.region ?? primary) === primary;
      return here && fault.service === service && fault.operation === '*' && fault.error !== 'throttle';
    });
    const answers = !broken && world.canReach(standby, primary) && world.canReach(primary, standby);
    alarms.record(standby, `${application}-probe-${service}-${primary}`, answers ? 1 : 0);
  };

  return {
    tick(second) {
      if (second === 0) beat();
      if (second === 10) for (const canary of canaries) if (!world.isDark(canary.region)) run(canary);
      if (second === 20) for (const dependency of plan.dependencies.hard) probe(dependency);
      alarms.record(standby, `${application}-database-replica-lag`, replication.lagSeconds() ?? -1);
      // Once users have left, the health check's page still answers: it looks no deeper than the ingress.
      const left = dns.usersRegion() !== primary;
      const healthy = !world.isDark(primary) && (left || service.successRatio(primary) >= 0.5);
      alarms.record(primary, `${application}-ingress-healthcheck`, healthy ? 1 : 0);
    },
  };
}

function failureReason(broken: boolean, reaches: boolean): string {
  if (broken) return '"Error: the canary could not start its browser "';
  return reaches ? '"Error: the journey met failed requests "' : '"Error: net::ERR_CONNECTION_TIMED_OUT "';
}

function canaryId(random: Random): string {
  return `${hex(random, 8)}-dc5a-4f5f-96d1-${hex(random, 12)}`;
}
