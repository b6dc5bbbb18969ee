// What was changed in a cluster, as far as its API server keeps it: of each object by which tool it was changed last, and when. Who used the tool it
// does not keep. Pure, and reads anything.
import * as z from 'zod';
import { ownManager } from '../../../aws/workloads/kubernetes.ts';
import { type Change, shortened } from '../../../domain/evidence/changes.ts';

/** Made when it is asked for: what no function of a bundle asks is left out of it then. */
function shapes() {
  const text = z.string().catch('');
  const entry = z.object({ manager: text, subresource: text, time: text });
  const annotations = z.record(z.string(), z.unknown()).catch({});
  const metadata = z.object({ name: text, annotations, managedFields: z.array(z.unknown()).catch([]) });
  return { entry, object: z.object({ metadata }) };
}

/** Controllers write down by this which of them leads, every few seconds [Kubernetes, client-go: leader election]. */
const leading = 'control-plane.alpha.kubernetes.io/leader';

/** What runs in a cluster and changes things by itself; a name is as free as any text, so that nothing is left out by it. */
const byItself =
  /^(kube-controller-manager|horizontal-pod-autoscaler|vpa-(updater|recommender|admission-controller)|keda(-operator)?|.*-(controller|autoscaler|operator|manager))$/;
/** Controllers that bring what somebody has committed. */
const delivering = /^(argocd|flux|fleet|helm|kustomize)/;

/** Nobody edits an object by a pipeline. Every other way to change one is open to people and pipelines alike. */
const byHand = 'kubectl-edit';

/**
 * The last change of each tool to each object of a sort, between two times. `sort`: what such a thing is called; `asset`: the cluster's name in the
 * plan. Source: Kubernetes, "Server-Side Apply", managed fields: a subresource is the status, which nobody sets, or the scale.
 */
export function changesIn(sort: string, items: readonly unknown[], asset: string, from: number, to: number): Change[] {
  const { entry, object } = shapes();
  return items.flatMap((item) => {
    const read = object.safeParse(item).data?.metadata;
    if (read === undefined || leading in read.annotations) return [];
    return read.managedFields.flatMap((one): Change[] => {
      const { manager, subresource, time } = entry.safeParse(one).data ?? { manager: '', subresource: '', time: '' };
      const at = Date.parse(time);
      const isScaled = subresource === 'scale';
      if (!(at >= from && at <= to) || (subresource !== '' && !isScaled)) return [];
      const what = `${isScaled ? 'scaling' : 'change'} of ${sort} ${shortened(read.name)}`;
      return [{ at, ...whoIn(manager, isScaled), what, asset }];
    });
  });
}

function whoIn(manager: string, isScaled: boolean): Pick<Change, 'by' | 'who'> {
  const tool = shortened(manager) || 'a tool without a name';
  // Nothing else is changed here by Breakwater itself: whoever takes on its name is somebody.
  if (manager === ownManager && isScaled) return { by: 'breakwater', who: 'Breakwater' };
  if (byItself.test(manager) && !delivering.test(manager)) return { by: 'aws', who: `${tool}, by itself` };
  return { by: manager === byHand ? 'people' : 'pipeline', who: `whoever used ${tool}` };
}
