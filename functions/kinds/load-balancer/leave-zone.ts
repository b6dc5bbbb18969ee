// Desired state: no traffic of the load balancers goes to the failed zone.
import { assetNamed, shiftedOf } from '../../shared/estate.ts';
import { ZoneVerbInput } from '../../shared/flow.ts';
import { step } from '../../shared/shell.ts';
import { shiftTraffic } from '../../shared/shift-traffic.ts';

export const handler = step(ZoneVerbInput, ({ incident, asset: name }, shell) => {
  const asset = assetNamed(name, 'load-balancer', shell.plan);
  return shiftTraffic(shiftedOf(asset, shell), `leave-zone/${name}`, incident, shell);
});
