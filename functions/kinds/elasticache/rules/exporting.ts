// What an export needs next, from what was seen. Pure.
import { wait } from '../../../domain/recovery/moves.ts';

type Group = {
  readonly status: string;
  readonly clusterMode: boolean;
  readonly nodes: readonly { readonly id: string; readonly primary: boolean }[];
};

export type NextExport =
  | { readonly next: 'wait'; readonly why: string }
  | { readonly next: 'export' }
  /** `node`: of which the snapshot is made; null: of the group as a whole. */
  | { readonly next: 'snapshot'; readonly node: string | null };

/**
 * `status`: of the snapshot, null where there is none. In cluster mode a snapshot is of the group; else of a node, and of a replica
 * where there is one, since making it slows the node down.
 */
export function nextExport(status: string | null, group: Group): NextExport {
  if (status === 'available') return { next: 'export' };
  if (status !== null) return wait(`the snapshot is ${status}`);
  if (group.status !== 'available') return wait(`the cache is ${group.status}`);
  if (group.clusterMode) return { next: 'snapshot', node: null };
  const node = group.nodes.find(({ primary }) => !primary) ?? group.nodes[0];
  return node === undefined ? wait('the cache has no nodes') : { next: 'snapshot', node: node.id };
}
