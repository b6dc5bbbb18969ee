// Prepares a drill: may it run, what stands where before, who has heard of it. First state of a drill, however it is started.
import * as z from 'zod';
import { whyClosed } from './domain/drills/calendar.ts';
import { leverWords, longestMs, nobodyAsked, runsWhere, whyGivesWay, whyNotCaught } from './domain/drills/judge.ts';
import type { ScheduledDrill } from './domain/drills/plan.ts';
import { type Asked, type DrillRecord, drillStanding, homeFrom, nothingAsked } from './domain/drills/record.ts';
import { drillBeginsMessage } from './domain/drills/words.ts';
import { InvalidInput } from './domain/errors.ts';
import { stageOf } from './domain/flows.ts';
import { name } from './domain/signals/reading.ts';
import { backUp } from './kinds/faults.ts';
import { aroundDrill, drillLock, drillNamed, expectMayGoOn, toldOf, visitService } from './shared/drills/drill.ts';
import { peerOf } from './shared/estate.ts';
import { tell } from './shared/messages/tell.ts';
import { readAbort } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';

/** Who starts what is due; whoever else starts one wants it now. */
const schedule = 'schedule';

const PrepareDrillInput = z.strictObject({
  execution: z.string().min(1),
  startedAt: z.iso.datetime({ offset: true }),
  input: z.strictObject({ drill: z.string().min(1), requestedBy: name.min(1) }),
});

/** `nothing`: it is not due, or another region runs it, and nobody has to hear of that. */
type Prepared = { readonly goes: 'on' | 'refused' | 'nothing' };

/** Safe to repeat: a run that is kept stays as it is. @throws InProgress while it is backed up; Aborted, GivesWay, CannotProceed, InvalidInput, Unavailable */
export const handler = step(PrepareDrillInput, async ({ execution, startedAt, input }, shell): Promise<Prepared> => {
  const { store, plan, region, now, log } = shell;
  const drill = drillNamed(input.drill, plan);
  const { primary, epoch } = await store.readStanding(region);
  const place = runsWhere(drill.kind, primary, peerOf(primary, plan));
  const isScheduled = input.requestedBy === schedule;
  if (place !== region) {
    if (isScheduled) return { goes: 'nothing' };
    throw new InvalidInput(
      `input.drill: ${drill.name} is started in ${region}, expected ${place ?? 'none: nobody is primary'}`,
    );
  }
  const known = await store.readDrill(execution);
  if (known !== null) {
    if (known.why.length > 0) return { goes: 'refused' };
    await expectMayGoOn(known, shell);
    return goOn(known, drill, shell);
  }
  const runs = await store.listDrills();
  const { due, overdue, overdueFrom } = drillStanding(drill, runs, now());
  const from = homeFrom(drill, runs);
  if (isScheduled && (from === null ? !due : now() < from)) return { goes: 'nothing' };
  const leg = from === null ? 'away' : 'home';

  const peer = peerOf(primary, plan) ?? primary;
  const readiness = await store.readReadiness(peer);
  const before = await askedBefore(shell);
  const begun: DrillRecord = {
    ...{ name: drill.name, kind: drill.kind, execution, by: input.requestedBy, withinSeconds: drill.withinSeconds },
    ...{
      region,
      zone: drill.target?.fault === 'zone' ? drill.target.zone : null,
    },
    asset: drill.target?.fault === 'zone' ? null : (drill.target?.asset ?? drill.asset ?? null),
    startedAt: Date.parse(startedAt),
    before: [
      ...(overdue ? [`the drill is overdue since ${overdueFrom}`] : []),
      `${primary} is primary in epoch ${epoch}`,
      ...(readiness?.checks ?? []).map(({ check, state, why }) => `${check} of ${peer} is ${state}: ${why}`),
    ],
    ...{
      faultAt: null,
      struck: null,
      experiment: null,
      incident: null,
      answers: [],
      recoveredAt: null,
      endedAt: null,
      outcome: null,
    },
    leg: drill.staysDays === undefined ? null : leg,
    asked: { ...nobodyAsked, before },
    why: [],
  };
  const lever = await store.readLever();
  const against = [
    ...(lever === null ? [] : [leverWords(lever)]),
    ...(isScheduled ? [whyClosed(now(), drill) ?? []].flat() : []),
    ...whyGivesWay(await aroundDrill(shell), null),
    ...whyNotCaught(readiness, peer, now()),
    ...(before.failed === 0
      ? []
      : [`the service failed ${before.failed} of ${before.asked} questions before the drill`]),
  ];
  const beside = against.length > 0 ? [] : await whyBeside(execution, runs, shell);
  // Its schedule may fire twice: the second asks for what the first has begun, and nobody has to hear of that.
  if (isScheduled && beside.length > 0 && (await isBegun(drill, store))) return { goes: 'nothing' };
  const why = [...against, ...beside];
  await store.keepDrill({ ...begun, why });
  log.info(why.length === 0 ? 'drill prepared' : 'drill refused', {
    execution,
    drill: drill.name,
    why: why.join('; '),
  });
  return why.length > 0 ? { goes: 'refused' } : goOn(begun, drill, shell);
});

/**
 * Backed up before anything is touched; that may take longer than the window is open.
 * @throws InProgress until it is; CannotProceed where it cannot be, Unavailable
 */
async function goOn(run: DrillRecord, drill: ScheduledDrill, shell: Shell): Promise<Prepared> {
  const kept = (await backUp(drill, run, shell)).filter((line) => !run.before.includes(line));
  const closed = run.by === schedule ? whyClosed(shell.now(), drill) : null;
  const ready = { ...run, before: [...run.before, ...kept], why: closed === null ? [] : [closed] };
  if (kept.length > 0 || closed !== null) await shell.store.keepDrill(ready);
  return closed === null ? begin(ready, shell) : { goes: 'refused' };
}

/** Whether a run of the same drill holds the lock of the drills. */
async function isBegun({ name: drill }: ScheduledDrill, store: Shell['store']): Promise<boolean> {
  const { lock } = await store.readStanding(drillLock);
  if (lock === null) return false;
  const other = await store.readDrill(lock.execution);
  return other?.name === drill && other.outcome === null;
}

/** Nothing is broken of which nobody has heard, however often this is asked for. */
async function begin(drill: DrillRecord, shell: Shell): Promise<Prepared> {
  const message = drillBeginsMessage(drill, stageOf(shell.prefix));
  await tell({ id: `drill/${drill.execution}`, message, of: null }, toldOf(drill, shell), shell);
  return { goes: 'on' };
}

/** The service as it is when nothing was touched. */
async function askedBefore(shell: Shell): Promise<Asked> {
  let asked: Asked = nothingAsked;
  for (let count = 0; count < shell.plan.service.healthPassesNeeded; count += 1)
    asked = await visitService(asked, shell);
  return asked;
}

/** Takes the lock of the drills, or says whose it is. One whose execution was aborted, or is older than any lives, was left behind. */
async function whyBeside(execution: string, runs: readonly DrillRecord[], shell: Shell): Promise<string[]> {
  const { store, now } = shell;
  const wanted = { target: drillLock, execution, incident: execution, action: 'none', at: now() } as const;
  if (await store.takeLock(wanted)) return [];
  const { lock } = await store.readStanding(drillLock);
  const other = runs.find((run) => run.execution === lock?.execution);
  const isAborted = lock !== null && (await readAbort(lock.execution, shell)) !== null;
  const isOver = lock !== null && (now() - lock.at > longestMs || (other !== undefined && other.outcome !== null));
  if (lock !== null && (isAborted || isOver)) {
    await store.releaseLock(drillLock, lock.execution);
    if (await store.takeLock(wanted)) return [];
  }
  return [`another drill runs: ${other?.name ?? lock?.execution ?? 'it has just begun'}`];
}
