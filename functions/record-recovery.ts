// Desired state: what the flow moved, from where to where, and how long it took, stands in the incident's record.
import * as z from 'zod';
import { decidedAt } from './domain/decision/incident.ts';
import { embedded, figuresOf } from './domain/figures.ts';
import { countsFrom } from './domain/record/fault-clock.ts';
import { predictLeaving } from './domain/recovery/leaving.ts';
import { failuresIn, triedMark } from './domain/recovery/reaching.ts';
import { measure } from './domain/recovery/region-record.ts';
import { ZoneStepInput } from './shared/recovery/flow.ts';
import { step } from './shared/shell.ts';
import { leaveTimes } from './shared/step-times.ts';

const stepName = 'record-recovery';
const found = z.record(z.string(), z.unknown());
const RecordInput = ZoneStepInput.extend({
  /** What became of each asset, by its name. */
  moved: z.record(z.string(), found),
  /** Null before anybody has looked: then is kept alone that every asset has left or given up. */
  verified: found.nullable(),
});

/**
 * Writes once the recovery is whole: what the record says of it is returned as it stands. Before, what was reached in part is
 * written each time the flow comes round. Times are milliseconds since 1970.
 */
export const handler = step(RecordInput, async ({ incident, moved, verified }, shell) => {
  const { store, now, log, prefix } = shell;
  const { id, execution, zone, since, startedAt, dryRun, drill } = incident;
  if (verified === null) {
    await store.recordStep({ incident: id, execution, step: triedMark, at: now(), outcome: { assets: moved } });
    return {};
  }
  const own = (await store.readSteps(id)).filter((past) => past.execution === execution && past.step === stepName);
  const known = own.find(({ outcome }) => isWhole(outcome));
  if (known !== undefined) return known.outcome;
  // Users were served before, while something had not left: the whole recovery is no time without service.
  const [inPartAt] = own.flatMap(({ outcome }) =>
    typeof outcome['verifiedAt'] === 'number' ? outcome['verifiedAt'] : [],
  );
  const verifiedAt = typeof verified['verifiedAt'] === 'number' ? verified['verifiedAt'] : null;
  const opened = await store.readIncident(id);
  // By now canaries pass again: when users were last served before, was known when it was found.
  const from = countsFrom(since, opened?.lastServedAt ?? null);
  const moments = { since, from, decidedAt: decidedAt(opened, execution), startedAt, approvals: [], verifiedAt };
  const { approvalSeconds: _, ...clocks } = measure(moments); // nobody is asked about a zone
  // A dry run recovers nothing: it has no time of recovery, rather than a good one.
  const recovered = dryRun ? { recoverySeconds: null, restoreSeconds: null } : {};
  // The writer stays in its region, and its Multi-AZ standby is synchronous: what was committed is there.
  const dataLossSeconds = verifiedAt === null ? null : 0;
  const passedSeconds = Math.max(0, startedAt - from.at) / 1000;
  // Nobody is asked, so nobody is told it beforehand: it goes by what was known before this flow.
  const predicted = dryRun ? null : predictLeaving(moved, await leaveTimes(id, shell), passedSeconds, shell.plan);
  const outcome = {
    from: zone,
    startedAt,
    verifiedAt,
    ...clocks,
    ...recovered,
    ...(inPartAt !== undefined && { inPartAt }),
    dataLossSeconds,
    ...(predicted !== null && { predicted }),
    assets: moved,
    verified,
    dryRun,
    drill,
  };
  await store.recordStep({ incident: id, execution, step: stepName, at: now(), outcome });
  const figures = dryRun ? {} : embedded(prefix, now(), figuresOf('az-failover', outcome));
  log.info(dryRun ? 'rehearsed' : 'recovered', { incident: id, execution, ...clocks, ...recovered, ...figures });
  return outcome;
});

function isWhole({ verifiedAt, assets }: Readonly<Record<string, unknown>>): boolean {
  const moved = found.safeParse(assets);
  return typeof verifiedAt === 'number' && moved.success && failuresIn({ LeaveZone: moved.data }, {}).length === 0;
}
