// Desired state: no traffic of the cluster goes to the failed zone.
import { shiftedIn } from '../../domain/plan/assets.ts';
import { assetNamed } from '../../shared/estate.ts';
import { leave } from '../../shared/traffic/leave.ts';
import { shiftTraffic } from '../../shared/traffic/shift-traffic.ts';

export const handler = leave(({ incident, asset: name }, shell) => {
  const asset = assetNamed(name, 'eks-cluster', shell.plan);
  return shiftTraffic(shiftedIn(shell.region, shell.account, asset), `leave-zone/${name}`, incident, shell);
});
