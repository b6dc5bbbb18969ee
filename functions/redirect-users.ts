// Desired state: users are sent to the region that takes over, by a latch or by a changed record.
import { controlPlane, isInSync, pointRecord } from './aws/dns.ts';
import { closeLatch, isLatched, openLatch } from './aws/latch.ts';
import { CannotProceed, InProgress, Unavailable } from './domain/errors.ts';
import { latchObject } from './domain/latch.ts';
import { act } from './shared/act.ts';
import { type RegionIncident, RegionStepInput } from './shared/flow.ts';
import { type Shell, step } from './shared/shell.ts';
import { readWaiver } from './shared/waivers.ts';

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

/** Home to the plan's first region users come by opening its latch, and every latch is armed again. Everywhere else one is closed. */
async function latches(incident: RegionIncident, shell: Shell) {
  const isHome = incident.standby === shell.plan.roles.primary;
  return (isHome ? await openHome(incident, shell) : null) ?? latch(incident, shell);
}

/**
 * Null where a bucket does not answer: a latch that lies there would keep users away again as soon as it can be read. Then the other region's
 * is closed as well, and with both closed users are sent to the first region.
 */
async function openHome(incident: RegionIncident, shell: Shell) {
  const { standby: home } = incident;
  const buckets = Object.entries(shell.plan.redirection.latchBuckets[home] ?? {});
  try {
    const opened = await Promise.all(
      buckets.map(async ([at, bucket]) => {
        if (!(await isLatched(at, bucket, home))) return false;
        const call = { step: stepName, call: 's3:DeleteObject', target: latchObject(bucket, home), region: at };
        await act(incident, call, shell, () => openLatch(at, bucket, home));
        return true;
      }),
    );
    if (opened.includes(true)) throw new InProgress(`the latch of ${home} was taken away`);
    return { mode: 'latch', opened: buckets.map(([, bucket]) => bucket), redirectedAt: shell.now() };
  } catch (error) {
    if (!(error instanceof Unavailable || error instanceof CannotProceed)) throw error;
    shell.log.warn('latch not opened', { incident: incident.id, error: error.message });
    return null;
  }
}

/**
 * Each bucket holds the latch, or its region does not answer. One that can be read keeps users away, so they do not
 * wait for the other; the outcome says which is missing.
 */
async function latch(incident: RegionIncident, shell: Shell) {
  const { region } = incident;
  const buckets = Object.entries(shell.plan.redirection.latchBuckets[region] ?? {});
  if (buckets.length === 0) throw new CannotProceed(`the plan names no latch buckets for ${region}`);
  const results = await Promise.all(
    buckets.map(async ([at, bucket]) => {
      try {
        if (await isLatched(at, bucket, region)) return { bucket, state: 'closed' } as const;
        const call = { step: stepName, call: 's3:PutObject', target: latchObject(bucket, region), region: at };
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
  const named = (state: 'closed' | 'written' | 'missing') =>
    results.filter((result) => result.state === state).map(({ bucket }) => bucket);
  if (named('written').length > 0)
    throw new InProgress(`the latch of ${region} was written to ${named('written').join(', ')}`);
  const closed = named('closed');
  const failed = results.find((result) => result.state === 'missing');
  if (closed.length === 0 && failed !== undefined) throw failed.error;
  return { mode: 'latch', closed, missing: named('missing'), redirectedAt: shell.now() };
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
    const call = { step: stepName, call: 'route-53:ChangeResourceRecordSets', target: record, region: controlPlane };
    const made = await act(incident, call, shell, () => pointRecord({ hostedZone, record, to, ttlSeconds }));
    await store.recordStep({ incident: id, execution, step: asked, at: now(), outcome: { change: made } });
    throw new InProgress(`${record} was asked to lead to ${to}`);
  }
  if (!(await isInSync(change))) throw new InProgress(`change ${change} has not reached every name server`);
  return { mode: 'record-change', record, to, change, redirectedAt: now() };
}
