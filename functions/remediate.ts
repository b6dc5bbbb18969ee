// Desired state: the plan's safe remediation of a release that broke the service was carried out, once.

import * as z from 'zod';
import { buildStatus, startBuild } from './aws/workloads/builds.ts';
import { CannotProceed, InProgress } from './domain/errors.ts';
import { day } from './domain/page/page-times.ts';
import { act, lastCallAt } from './shared/recovery/act.ts';
import { FlowIncident } from './shared/recovery/flow.ts';
import { type Shell, step } from './shared/shell.ts';

const stepName = 'remediate';
/** CodeBuild forgets a token after five minutes; a repetition close to that could start a second build. */
const tokenLastsSeconds = 240;

const RemediateInput = z.strictObject({ incident: FlowIncident, release: z.string().nullable() });

/** Called again until the build was seen to succeed. A build that failed is left to people. */
export const handler = step(RemediateInput, async ({ incident, release }, shell) => {
  const { region, dryRun, id, execution } = incident;
  const remedy = shell.plan.remediation.afterRelease;
  if (remedy?.mode !== 'act') throw new CannotProceed('the plan allows no remediation by itself');
  const { buildProject: project } = remedy;
  if (dryRun) return { dryRun, project, wouldDo: `start a build of ${project}` };
  const build = await knownBuild(incident, shell);
  if (build !== null) return outcomeOf(build, project, await buildStatus(region, build));
  const call = { step: stepName, call: 'codebuild:StartBuild', target: project };
  const calledAt = await lastCallAt(incident, call, shell);
  if (calledAt !== null && shell.now() - calledAt > tokenLastsSeconds * 1000) {
    throw new CannotProceed(`a build of ${project} was requested at ${day(calledAt)}; whether it runs is not known`);
  }
  const variables = { BREAKWATER_INCIDENT: id, BREAKWATER_RELEASE: release ?? '' };
  const change = { before: 'none was started', wanted: 'one runs: remediation' };
  const started = await act(incident, { ...call, change }, shell, () =>
    startBuild(region, { project, token: execution, variables }),
  );
  await shell.store.recordStep({
    incident: id,
    execution,
    step: stepName,
    at: shell.now(),
    outcome: { build: started },
  });
  throw new InProgress(`build ${started} was started`);
});

async function knownBuild({ id, execution }: FlowIncident, { store }: Shell): Promise<string | null> {
  const mine = (await store.readSteps(id)).find((past) => past.execution === execution && past.step === stepName);
  const build = mine?.outcome['build'];
  return typeof build === 'string' ? build : null;
}

function outcomeOf(build: string, project: string, status: Awaited<ReturnType<typeof buildStatus>>) {
  if (status === 'succeeded') return { project, build };
  // CodeBuild may not know a build yet that was started a moment ago.
  if (status === 'in-progress' || status === null) throw new InProgress(`build ${build} has not ended`);
  throw new CannotProceed(`build ${build} ended: ${status}`);
}
