// Desired state: the deployments that the plan has numbers of run no replica in the cluster of the region that was given up, once users have
// left it. The fence watch asks.
import { assetNamed, placeOf } from '../../shared/estate.ts';
import { stoppingLate } from '../../shared/fencing/stop-late.ts';
import { stopDeployments } from './replicas.ts';

export const handler = stoppingLate({
  kind: 'eks-cluster',
  what: 'deployments',
  stop: (incident, asset, shell) => {
    const { region } = incident;
    const place = placeOf(assetNamed(asset, 'eks-cluster', shell.plan), region);
    return stopDeployments(place, { incident, asset, region }, shell);
  },
});
