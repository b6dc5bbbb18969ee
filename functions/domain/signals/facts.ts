// What a signal says, as people read it: a time, who or what, where, and by which value. Pure.
import { clock } from '../page/page-times.ts';
import type { Signal } from '../types.ts';

/** One line for each signal a person would ask about; null for those that say that all is well. */
export function factOf(signal: Signal): string | null {
  const said = saidBy(signal);
  if (said === null) return null;
  const { at, value } = signal;
  return `${new Date(at).toISOString()} ${said}${value === undefined ? '' : measured(signal.kind, value)}`;
}

/** A value: canaries measure a share, an alarm a number in a unit that it does not tell, and a probe nothing that says more than its sentence. */
function measured(kind: Signal['kind'], value: number): string {
  if (kind === 'canary') return ` (${Math.round(value * 100)} % of the visits succeeded)`;
  return kind === 'component' ? ` (the value of its alarm: ${Number(value.toPrecision(4))})` : '';
}

/** Facts as people read them: the time by the clock, with the day where it is another than that of the newest. */
export function clockedFacts(facts: readonly string[]): string[] {
  const times = facts.flatMap((fact) => timeOf(fact) ?? []);
  const newest = Math.max(...times);
  return facts.map((fact) => {
    const at = timeOf(fact);
    return at === null ? fact : `${clock(at, newest)} ${fact.slice(fact.indexOf(' ') + 1)}`;
  });
}

/** When a fact was seen; null where it does not begin with a time. */
function timeOf(fact: string): number | null {
  const at = /^\d{4}-\d\d-\d\dT\S+Z /.test(fact) ? Date.parse(fact.slice(0, fact.indexOf(' '))) : Number.NaN;
  return Number.isNaN(at) ? null : at;
}

/** What alarms say while nothing is well, and what happened. */
function saidBy(signal: Signal): string | null {
  if ('condition' in signal && signal.condition !== 'failing' && signal.condition !== 'unknown') return null;
  switch (signal.kind) {
    case 'component': {
      const place = signal.zone === null ? '' : ` in ${signal.zone}`;
      const said = signal.condition === 'failing' ? 'fails' : 'gives no data';
      return `${signal.component} ${said}: ${signal.measure}${place}`;
    }
    case 'canary':
      return signal.condition === 'failing'
        ? `users fail, seen from ${signal.observer}`
        : `the canary in ${signal.observer} gives no data`;
    case 'probe':
      return signal.condition === 'failing'
        ? `AWS service ${signal.service} does not answer`
        : `the probe of AWS service ${signal.service} gives no data`;
    case 'probe-run':
      return signal.services.length === 0
        ? null
        : `AWS services do not answer, asked from ${signal.observer}: ${signal.services.join(', ')}`;
    case 'heartbeat':
      return signal.condition === 'failing' ? 'the heartbeat is missing' : 'the alarm on the heartbeat gives no data';
    case 'replica':
      return signal.condition === 'failing' ? 'the replica lags' : 'the lag of the replica is not known';
    case 'readiness':
      return `not ready for a recovery: ${signal.check}: ${signal.why}`;
    case 'release':
      return `release ${signal.release} ${signal.phase}`;
    case 'maintenance':
      return `planned work ${signal.window} ${signal.phase}`;
    case 'database':
      return signal.change === 'other' ? null : `database ${signal.instance}: ${signal.change}`;
    case 'cache':
      return signal.change === 'other' ? null : `cache ${signal.group}: ${signal.change}`;
    case 'health':
      return signal.open ? `AWS Health: ${signal.service} ${signal.category}` : null;
    case 'shift':
      return `traffic ${signal.active ? 'left' : 'returned to'} ${signal.zone} (${signal.cause})`;
    default: // beats and runs of canaries say more in numbers than one by one
      return null;
  }
}
