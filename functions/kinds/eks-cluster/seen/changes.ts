// What was changed in a cluster, as far as its API server keeps it: of each object by which tool it was changed last, and when. Who used the tool it
// does not keep. Pure, and reads anything.
import { ownManager, type V1ObjectMeta } from '../../../aws/workloads/kubernetes.ts';
import { type Change, shortened } from '../../../domain/evidence/changes.ts';

/** What is in a namespace, of one sort. `sort`: what such a thing is called. */
export type Listed = { readonly sort: string; readonly items: readonly { readonly metadata?: V1ObjectMeta }[] };

/** What Kubernetes and autoscalers do by themselves. Under these names they change sizes, and the rest is bookkeeping. */
const byItself = /^(kube-controller-manager|horizontal-pod-autoscaler|vpa-|keda)/;

/** Nobody edits an object by a pipeline. Every other way to change one is open to people and pipelines alike. */
const byHand = 'kubectl-edit';

/**
 * The last change of each tool to each object, between two times. `asset`: the cluster's name in the plan. Source: Kubernetes, "Server-Side
 * Apply", managed fields: a subresource is the status, which nobody sets, or the scale.
 */
export function changesIn(listed: readonly Listed[], asset: string, from: number, to: number): Change[] {
  return listed.flatMap(({ sort, items }) =>
    items.flatMap(({ metadata }) =>
      (metadata?.managedFields ?? []).flatMap(({ manager = '', subresource = '', time }): Change[] => {
        const at = Date.parse(String(time));
        const isScaled = subresource === 'scale';
        if (!(at >= from && at <= to) || (subresource !== '' && !isScaled)) return [];
        if (byItself.test(manager) && !isScaled) return [];
        const what = `${isScaled ? 'scaling' : 'change'} of ${sort} ${shortened(metadata?.name ?? '')}`;
        return [{ at, ...whoIn(manager), what, asset }];
      }),
    ),
  );
}

function whoIn(manager: string): Pick<Change, 'by' | 'who'> {
  if (manager === ownManager) return { by: 'breakwater', who: 'Breakwater' };
  if (byItself.test(manager)) return { by: 'aws', who: 'an autoscaler in the cluster' };
  return {
    by: manager === byHand ? 'people' : 'pipeline',
    who: `whoever used ${shortened(manager) || 'no tool of a name'}`,
  };
}
