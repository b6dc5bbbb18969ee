// Desired state: the application runs in the region that takes over, with the capacity to serve.
import { CannotProceed, InProgress } from '../../domain/errors.ts';
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { RegionVerbInput } from '../../shared/flow.ts';
import { askHealth } from '../../shared/health.ts';
import { reach } from '../../shared/reach.ts';

/**
 * A warm cluster answers, also with a failure: it has no writer yet. Called again until it does.
 * @throws CannotProceed where there is no warm cluster.
 */
export const handler = reach('take-over', RegionVerbInput, async ({ incident, asset }, shell) => {
  const { standby: region } = incident;
  const { plan } = shell;
  const { cluster, warm } = placeOf(assetNamed(asset, 'eks-cluster', plan), region);
  if (!warm) {
    // Its place: creating and scaling a cluster comes in a later version.
    throw new CannotProceed(
      `${region} has no warm cluster: it needs a person, restore and scale come in a later version`,
    );
  }
  const url = plan.service.regionalHealthUrls[region];
  if (url === undefined) throw new CannotProceed(`the plan names no health page of ${region}`);
  const answer = await askHealth(url, shell);
  if (answer === null) throw new InProgress(`cluster ${cluster} does not answer at ${url}`);
  return { cluster, answers: answer.status };
});
