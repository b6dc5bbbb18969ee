// Faults in what is read out of events, each with a stream that is judged otherwise with it: composed, or a labelled one with something forged in it.
import type { readExplanations } from '../../../functions/domain/evidence/explanations.ts';
import type { alarmSignal, readEvent } from '../../../functions/domain/signals/signals.ts';
import type { Level } from '../../../functions/domain/types.ts';
import { type Line, readStreams, toLine } from '../../judgement/expectations.ts';
import { alarm, az1, deleted, start, zoneAlarms } from '../../judgement/incident-events.ts';
import { plan } from '../../plan.ts';
import { type PutBack, put } from './twin.ts';

export type Misread = {
  readonly mistake: string;
  readonly lines: readonly Line[];
  readonly until: string;
  readonly back: readonly PutBack[];
  /** What the stream comes to, and what it comes to with the fault. */
  readonly level: Level;
  readonly wrong: Level;
};

/** The shortest labelled stream of a lost region. */
const lostRegion = readStreams()
  .filter(({ expected }) => expected.level === 3)
  .toSorted((a, b) => a.lines.length - b.lines.length)[0];
const lostZone = zoneAlarms(['cluster-nodes-notready', 'api-5xx', 'database-latency', 'cache-latency'], az1, 0);
const after = (seconds: number): string => new Date(start + seconds * 1000).toISOString();

function own(type: string, source: string, seconds: number, detail: object): Line {
  const common = { id: `${source} ${seconds}`, source: `chatops.${source}`, region: plan.roles.primary };
  return toLine(JSON.stringify({ ...common, 'detail-type': type, time: after(seconds), detail }));
}

const work = { phase: 'STARTED', windowId: 'mw-x', targets: ['all'], plannedMinutes: 10_000 };
const release = (phase: string, seconds: number): Line =>
  own('Chatops Deployment', 'deploy', seconds, { phase, deploymentId: 'd-x' });

/** What is explained, with other times in the plan than it may have. */
const explained = (more: object): PutBack =>
  put<typeof readExplanations>('functions/domain/evidence/explanations.ts readExplanations', (real, signals, of) => {
    const { release, maintenance } = of.explanations;
    const explanations = { release: { ...release, ...more }, maintenance: { ...maintenance, ...more } };
    return real(signals, { ...of, explanations });
  });

const names = [`cache-latency-007-${az1}`, `cluster-nodes-notready-${az1}`];
const canaries = /canary-(.+)$/;

export const misread: readonly Misread[] = [
  {
    mistake: 'an alarm that was deleted stays in alarm for ever (r01)',
    lines: [
      ...names.map((name, index) => alarm(name, 10 * index)),
      ...names.map((name) => deleted(name, 200)),
      alarm(`api-errors-${az1}`, 800_000),
    ],
    until: after(803_600),
    back: [
      put<typeof readEvent>('functions/domain/signals/signals.ts readEvent', (real, raw, ...rest) =>
        JSON.stringify(raw).includes('Alarm Configuration Change') ? { stray: 'not read' } : real(raw, ...rest),
      ),
    ],
    level: 1,
    wrong: 2,
  },
  {
    mistake: 'work that was announced for a week explains a zone that is lost days later (A3)',
    lines: [own('Chatops Maintenance Window', 'maintenance', -300_000, work), ...lostZone],
    until: after(1_200),
    back: [explained({ longestSeconds: Number.MAX_SAFE_INTEGER })],
    level: 2,
    wrong: 1,
  },
  {
    mistake: 'a release that ended well half an hour before explains a lost zone (A3)',
    lines: [release('STARTED', -2_000), release('SUCCEEDED', -1_700), ...lostZone],
    until: after(1_200),
    back: [
      explained({ afterSeconds: 3_600 }),
      put<() => boolean>('functions/domain/evidence/explanations.ts canBreak', () => true),
    ],
    level: 2,
    wrong: 1,
  },
  {
    mistake: 'alarms of three observers that come from one region are three observers (A4)',
    lines: (lostRegion?.lines ?? []).map((line) => {
      const event = JSON.parse(line.text);
      const isCanary = canaries.test(String(event.detail.alarmName));
      return isCanary ? toLine(JSON.stringify({ ...event, region: plan.roles.standby })) : line;
    }),
    until: lostRegion?.expected.observeUntil ?? '',
    back: [
      put<typeof alarmSignal>(
        'functions/domain/signals/signals.ts alarmSignal',
        (real, name, condition, common, ...rest) => {
          const region = canaries.exec(name)?.[1] ?? common.region;
          return real(name, condition, { ...common, region, observer: region }, ...rest);
        },
      ),
    ],
    level: 'unknown',
    wrong: 3,
  },
];
