// Who else scales a deployment of a cluster: what would undo a stop or a raise. It is said, and left as it is. Pure.

/** What stands in a namespace, by its name. */
type Named = { readonly namespace: string; readonly name: string };

/** Something that scales a deployment. `most`: the replicas that it lets it have; `pausedAt`: where somebody has put it. */
export type Rival = {
  readonly words: string;
  readonly scales: Named;
  readonly most: number;
  /** Whether it starts one that stands at none: an autoscaler of Kubernetes leaves that alone. */
  readonly wakes: boolean;
  readonly pausedAt: number | null;
  readonly name: string;
};

/** `unseen`: why it could not be looked at, such as a right that is missing; null where it was. */
export type Rivals = {
  readonly all: readonly Rival[];
  readonly tight: readonly string[];
  readonly unseen: string | null;
};

/** KEDA's own word for one that is paused, and the beginning of that for the number at which it is. */
export const pausedMark = 'autoscaling.keda.sh/paused';

function isOf({ scales }: Rival, { namespace, name }: Named): boolean {
  return scales.namespace === namespace && scales.name === name;
}

/** What starts a deployment again that was put to none, and what to do about it: a line each. */
export function wakersOf(one: Named, { all }: Rivals): string[] {
  return all.flatMap((rival) =>
    rival.wakes && isOf(rival, one)
      ? [
          `${rival.words} starts deployment ${one.namespace}/${one.name} again: pause it (kubectl annotate scaledobject ${rival.name} --namespace ${one.namespace} --overwrite ${pausedMark}-replicas=0)`,
        ]
      : [],
  );
}

/** What keeps a deployment below the number that it is to have: a line each. */
export function lowerersOf(one: Named, replicas: number, { all }: Rivals): string[] {
  return all.flatMap((rival) => {
    if (!isOf(rival, one)) return [];
    const what = `deployment ${one.namespace}/${one.name}`;
    if (rival.pausedAt !== null && rival.pausedAt < replicas)
      return [`${rival.words} is paused and holds ${what} at ${rival.pausedAt}, and the plan wants ${replicas}`];
    return rival.most < replicas
      ? [`${rival.words} lets ${what} have ${rival.most} replicas at most, and the plan wants ${replicas}`]
      : [];
  });
}
