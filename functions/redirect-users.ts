// Desired state: users are sent to the region that takes over, by a latch or by a changed record.
import { controlPlane, isInSync, pointRecord, readTargets } from './aws/traffic/dns.ts';
import { closeLatch, isLatched, openLatch } from './aws/traffic/latch.ts';
import { CannotProceed, InProgress, Unavailable } from './domain/errors.ts';
import { isReadable, latchObject, latchUrl, type Reading, unseenWords } from './domain/traffic/latch.ts';
import { unseenMark } from './domain/traffic/sent.ts';
import { act, lastCallAt } from './shared/recovery/act.ts';
import { type RegionIncident, RegionStepInput } from './shared/recovery/flow.ts';
import { readWaiver } from './shared/recovery/waivers.ts';
import { type Shell, step } from './shared/shell.ts';
import { visitPage } from './shared/traffic/health.ts';

const stepName = 'redirect-users';

/** Called again until the latch lies where it can be read, or the change has reached every name server. */
export const handler = step(RegionStepInput, async ({ incident }, shell) => {
  const waived = await readWaiver(incident, 'RedirectUsers', shell);
  const outcome =
    waived ??
    (await (shell.plan.redirection.mode === 'latch' ? latches(incident, shell) : changeRecord(incident, shell)));
  // From here on an approval does not go stale: users are there.
  await shell.store.recordStep({
    incident: incident.id,
    execution: incident.execution,
    step: stepName,
    at: shell.now(),
    outcome,
  });
  return outcome;
});

/**
 * Nothing keeps users away from the region that takes over. That is enough where it is the plan's first; else the latch of the region that is
 * given up has to lie as well. With both latches closed Route 53 answers with the first region.
 */
async function latches(incident: RegionIncident, shell: Shell) {
  const isHome = incident.standby === shell.plan.roles.primary;
  if (!isHome) {
    const closed = await latch(incident, shell);
    const own = await openOwn(incident, shell);
    // An earlier way home may have closed it: while it lies, users are sent to the region that is given up.
    if (own.failed !== null && own.lies.length > 0) throw own.failed;
    return closed;
  }
  const { failed, buckets } = await openOwn(incident, shell);
  // A latch that cannot be looked at would keep users away as soon as it can be read: the other region's is closed as well.
  return failed === null ? { mode: 'latch', opened: buckets, redirectedAt: shell.now() } : latch(incident, shell);
}

/** Takes the latch of the region that takes over away. `lies`: the buckets that have it still; `failed`: why not all are known to be without it. */
async function openOwn(incident: RegionIncident, shell: Shell) {
  const { standby: own } = incident;
  const buckets = Object.entries(shell.plan.redirection.latchBuckets[own] ?? {});
  const lies: string[] = [];
  let failed: Unavailable | CannotProceed | null = null;
  let opened = false;
  await Promise.all(
    buckets.map(async ([at, bucket]) => {
      try {
        if (!(await isLatched(at, bucket, own))) return;
        lies.push(bucket);
        const change = { before: `is there: users are kept out of ${own}`, wanted: 'is not there' };
        const call = { step: stepName, call: 's3:DeleteObject', target: latchObject(bucket, own), region: at, change };
        await act(incident, call, shell, () => openLatch(at, bucket, own));
        opened = true;
      } catch (error) {
        if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
        shell.log.warn('latch not opened', { incident: incident.id, bucket, error: error.message });
        failed = error;
      }
    }),
  );
  if (opened) throw new InProgress(`the latch of ${own} was taken away`);
  return { lies, failed: failed as Unavailable | CannotProceed | null, buckets: buckets.map(([, bucket]) => bucket) };
}

/**
 * Each bucket holds the latch, or its region does not answer. One that can be read keeps users away, so they do not
 * wait for the other; the outcome says which is missing, or lies where no health check sees it. Where none sees any, users stay: a person is needed.
 */
async function latch(incident: RegionIncident, shell: Shell) {
  const { region } = incident;
  const buckets = Object.entries(shell.plan.redirection.latchBuckets[region] ?? {});
  if (buckets.length === 0) throw new CannotProceed(`the plan names no latch buckets for ${region}`);
  const results = await Promise.all(
    buckets.map(async ([at, bucket]) => {
      try {
        if (await isLatched(at, bucket, region)) {
          // As the health checks read it. No answer says nothing: users are proved to be served after this.
          const status = (await visitPage(latchUrl(at, bucket, region), shell))?.status ?? null;
          if (isReadable({ status }) !== false) return { bucket, state: 'closed', status } as const;
          shell.log.warn('latch not readable', { incident: incident.id, bucket, status });
          return { bucket, state: 'unseen', status } as const;
        }
        const change = { before: 'is not there', wanted: `is there: users are kept out of ${region}` };
        const call = { step: stepName, call: 's3:PutObject', target: latchObject(bucket, region), region: at, change };
        await act(
          incident,
          call,
          shell,
          () => closeLatch(at, bucket, region, `${region} is given up\n`), // anybody may read it
        );
        return { bucket, state: 'written' } as const;
      } catch (error) {
        // A bucket that is lost must not keep users in a region that is.
        if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
        shell.log.warn('latch not closed', { incident: incident.id, bucket, error: error.message });
        return { bucket, state: 'missing', error } as const;
      }
    }),
  );
  const named = (state: (typeof results)[number]['state']) =>
    results.filter((result) => result.state === state).map(({ bucket }) => bucket);
  if (named('written').length > 0)
    throw new InProgress(`the latch of ${region} was written to ${named('written').join(', ')}`);
  const unseen = results.filter((result) => result.state === 'unseen');
  const isSeen = results.some((result) => result.state === 'closed' && isReadable(result));
  if (unseen.length > 0 && !isSeen) throw await unseenError(unseen, incident, shell);
  const closed = named('closed');
  const failed = results.find((result) => result.state === 'missing');
  if (closed.length === 0 && failed !== undefined) throw failed.error;
  const outcome = { mode: 'latch', closed, missing: named('missing'), redirectedAt: shell.now() };
  return unseen.length === 0 ? outcome : { ...outcome, unseen: named('unseen') };
}

/** S3 shows an object at once [S3, "Amazon S3 data consistency model"]: a refusal that outlasts this does not pass by itself. */
const passingMs = 60_000;

/** What to throw for latches that lie where nobody reads them: asked again only while this execution has just written one of them. */
async function unseenError(unseen: readonly Reading[], incident: RegionIncident, shell: Shell): Promise<Error> {
  const { id, execution, region } = incident;
  const writtenAt = await Promise.all(
    unseen.map(({ bucket }) =>
      lastCallAt(incident, { step: stepName, call: 's3:PutObject', target: latchObject(bucket, region) }, shell),
    ),
  );
  const isFresh = writtenAt.some((at) => at !== null && shell.now() - at < passingMs);
  const words = unseenWords(region, unseen);
  if (isFresh) return new Unavailable(words);
  // Who ends the flow now finds users where they were.
  const buckets = unseen.map(({ bucket }) => bucket);
  await shell.store.recordStep({ incident: id, execution, step: unseenMark, at: shell.now(), outcome: { buckets } });
  return new CannotProceed(words);
}

/** The source plan's way. Route 53's control plane stands in us-east-1: when that is dark, this waits for it. */
async function changeRecord(incident: RegionIncident, shell: Shell) {
  const { id, execution, standby } = incident;
  const { plan, store, now } = shell;
  const { hostedZone, record, ttlSeconds } = plan.redirection;
  const url = plan.service.regionalHealthUrls[standby];
  if (url === undefined) throw new CannotProceed(`the plan names no address of ${standby}`);
  const to = new URL(url).hostname;
  const asked = `${stepName}/change`;
  const past = (await store.readSteps(id)).findLast((one) => one.execution === execution && one.step === asked);
  const change = past?.outcome['change'];
  if (typeof change !== 'string') {
    const before = await leadsTo(hostedZone, record, shell);
    const change = before === null ? null : { before, wanted: `leads to ${to}` };
    const call = { step: stepName, call: 'route-53:ChangeResourceRecordSets', target: record, region: controlPlane };
    const made = await act(incident, { ...call, change }, shell, () =>
      pointRecord({ hostedZone, record, to, ttlSeconds }),
    );
    await store.recordStep({ incident: id, execution, step: asked, at: now(), outcome: { change: made } });
    throw new InProgress(`${record} was asked to lead to ${to}`);
  }
  if (!(await isInSync(change))) throw new InProgress(`change ${change} has not reached every name server`);
  return { mode: 'record-change', record, to, change, redirectedAt: now() };
}

/** Null where it cannot be looked at: it is changed all the same, and the report names the gap. */
async function leadsTo(hostedZone: string, record: string, { log }: Shell): Promise<string | null> {
  try {
    const targets = await readTargets(hostedZone, record);
    return targets.length === 0 ? 'is not there' : `leads to ${targets.join(', ')}`;
  } catch (error) {
    log.warn('record not seen', { record, error: String(error) });
    return null;
  }
}
