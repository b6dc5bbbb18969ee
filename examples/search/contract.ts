// What Breakwater asks of a Lambda of the user's, and what it takes for an answer (docs/custom-kind.md).

export type Asked = {
  readonly verb: 'leave-zone' | 'take-over' | 'verify';
  readonly asset: string;
  /** Where the function runs: where a zone is left, or the region that takes over. */
  readonly region: string;
  /** The zone that failed; null where a region did. */
  readonly zone: string | null;
  /** The region that failed. */
  readonly from: string;
  readonly incident: string;
  readonly execution: string;
  readonly dryRun: boolean;
  readonly drill: boolean;
};

export type Answer =
  | { readonly done: true; readonly seen?: Readonly<Record<string, unknown>> }
  | { readonly done: false; readonly why: string };
