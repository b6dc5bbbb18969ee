// Level 1: something is wrong that people should know of, and nothing is to be moved.
import type { Plan } from '../plan/plan.ts';
import { readinessCause } from '../signals/unready.ts';
import { both, distinct, type Indication, type IndicationName, ids, names, nth, type Witness } from './indications.ts';
import type { Blind, Picture } from './picture.ts';

type Told = {
  readonly since: number | null;
  readonly confirmSeconds: number;
  readonly evidence: readonly Witness[];
  readonly causes: readonly string[];
};

const users = 'users';
export const observer = 'observer-';

/** Whether who heard of some causes knows of this one: where users fail at several observers, one of them is nothing new. */
export function isTold(cause: string, told: ReadonlySet<string>): boolean {
  return told.has(cause) || (cause.startsWith(observer) && told.has(users));
}

/** Everything that alone or together makes a degradation; each with its own confirmation time. */
export function degraded(picture: Picture, plan: Plan, now: number): (Indication | null)[] {
  const { degradation, region } = plan.evidence;
  const { confirmSeconds, aloneSeconds } = degradation;
  const zones = new Set(picture.failing.flatMap((opinion) => opinion.zone ?? []));
  const zone = zones.size === 1 ? ([...zones][0] ?? null) : null;
  const indication = (name: IndicationName, reason: string, { since, ...told }: Told): Indication | null =>
    since === null ? null : { name, level: 1, zone, reason, since, ...told, evidence: ids(told.evidence) };

  const opinions = distinct(picture.failing, (opinion) => opinion.cause);
  const causes = opinions.map((opinion) => opinion.cause).sort();
  const observers = distinct(picture.observers, (one) => one.name);
  /** Several together are believed soon; fewer only after a while. */
  const count = (
    name: IndicationName,
    reason: string,
    items: readonly Witness[],
    several: number,
    told: Pick<Told, 'evidence' | 'causes'>,
  ) => [
    indication(name, reason, { since: nth(items, several), confirmSeconds, ...told }),
    indication(name, reason, { since: nth(items, 1), confirmSeconds: aloneSeconds, ...told }),
  ];
  const one = (name: IndicationName, reason: string, report: Witness | null, confirm: number, cause: string) =>
    report === null
      ? null
      : indication(name, reason, { since: report.since, confirmSeconds: confirm, evidence: [report], causes: [cause] });
  const silent = distinct(picture.silentObservers, (report) => report.name);
  const several = observers.length >= region.observers;
  const userWords = several
    ? `users fail, as seen from ${names(observers)}`
    : `the canary in ${names(observers)} fails alone`;
  const failWords = `${causes.join(', ')} ${causes.length === 1 ? 'fails' : 'fail'}`;
  return [
    ...count('components-fail', failWords, opinions, degradation.components, { evidence: picture.failing, causes }),
    ...count(several ? 'users-fail' : 'observer-fails', userWords, observers, region.observers, {
      evidence: observers,
      causes: several ? [users] : observers.map((one) => `${observer}${one.name}`),
    }),
    ...count(
      'control-planes-fail',
      `AWS's control planes of ${names(picture.probes)} fail`,
      picture.probes,
      region.hardDependencies,
      {
        evidence: picture.probes,
        causes: ['control-plane'],
      },
    ),
    indication('observers-silent', `the canaries in ${names(silent)} give no data`, {
      since: nth(silent, region.observers),
      confirmSeconds: aloneSeconds,
      evidence: silent,
      causes: ['telemetry'],
    }),
    one(
      'heartbeat-missing',
      'the heartbeat is missing',
      picture.heartbeat ?? picture.missedBeat,
      confirmSeconds,
      'heartbeat',
    ),
    one('replica-lags', 'the replica lags behind', picture.replica, confirmSeconds, 'replica'),
    one('replica-lag-unknown', 'the lag of the replica is not known', picture.replicaUnknown, aloneSeconds, 'replica'),
    indication('readiness-lost', `not ready for a recovery: ${names(picture.unready)}`, {
      since: nth(picture.unready, 1),
      confirmSeconds: degradation.readinessSeconds,
      evidence: picture.unready,
      causes: picture.unready.map(({ name }) => readinessCause(name)).sort(),
    }),
    ...[...blinded(picture.dark, plan), ...told(picture, plan, now)].map((one) => indication(...one)),
  ];
}

/** Lost telemetry: of several zones, or for longer of one. */
function blinded(dark: readonly Blind[], plan: Plan): [IndicationName, string, Told][] {
  const { degradation, telemetryLoss } = plan.evidence;
  const components = (blind: readonly Blind[]) =>
    nth(
      distinct(blind, (one) => one.component),
      telemetryLoss.components,
    );
  const inZones = dark.filter((one) => one.zone !== null);
  const zones = distinct(inZones, (one) => String(one.zone));
  const causes = ['telemetry'];
  const everywhere = {
    since: both(components(dark), nth(zones, telemetryLoss.zones)),
    confirmSeconds: degradation.confirmSeconds,
    evidence: dark,
    causes,
  };
  const single = zones.map(({ zone }): [IndicationName, string, Told] => {
    const evidence = inZones.filter((one) => one.zone === zone);
    const since = components(evidence);
    return [
      'zone-silent',
      `the alarms of ${zone} have no data`,
      { since, confirmSeconds: degradation.aloneSeconds, evidence, causes },
    ];
  });
  return [
    ['telemetry-lost', 'the alarms of several zones have no data: automation is half blind', everywhere],
    ...single,
  ];
}

/** What AWS did by itself a short while ago, or what has not ended since. */
function told(picture: Picture, plan: Plan, now: number): [IndicationName, string, Told][] {
  const { degradation, recoverySeconds } = plan.evidence;
  const evidence = picture.happenings
    .filter(({ at, lasts }) => lasts || now - at < recoverySeconds * 1000)
    .map((happening) => ({ ...happening, since: happening.at }));
  const { confirmSeconds } = degradation;
  const all = { since: nth(evidence, 1), confirmSeconds, evidence, causes: ['aws-event'] };
  return evidence.slice(0, 1).map(({ what }) => ['aws-acted', what, all]);
}
