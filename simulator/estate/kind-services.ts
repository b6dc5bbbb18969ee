// The services of AWS that kinds bring along: what the SDK, IAM and errors have to know of each. A new kind's is a line here and
// a file in its folder.
import { ecsService } from './ecs-service/service.ts';
import { eksService } from './eks-cluster/service.ts';

type Named = { readonly name: string; readonly status: number };
type At = { readonly region: string; readonly account: string };

export type KindService = {
  /** As the client package is named. */
  readonly name: string;
  /** The client's class. */
  readonly client: { readonly prototype: object };
  /** What IAM is asked, by operation: the action, and the ARNs that a call is about. */
  readonly asks: Readonly<
    Record<
      string,
      { readonly action: string; readonly on: (input: Readonly<Record<string, unknown>>, at: At) => readonly string[] }
    >
  >;
  /** The names of its errors, as the SDK has them. */
  readonly errors: { readonly throttled: Named; readonly denied: Named; readonly internal: Named };
};

export const kindServices: readonly KindService[] = [ecsService, eksService];
