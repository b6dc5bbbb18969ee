// What a flow that a person starts may call that changes something, in the order of its steps: read from the rights of its
// functions, which are refused everything else.
import type { Flow } from '../../functions/domain/flows.ts';
import type { KindRight } from '../../functions/domain/kind/rights.ts';
import { shiftedIn, standsIn } from '../../functions/domain/plan/assets.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { stepWords } from '../../functions/domain/record/step.ts';
import { type Mode, modes } from '../../functions/domain/types.ts';
import { capital, stateWords, stepNamed } from '../../functions/domain/words/words.ts';
import { stateOf, type Verb, wavesThat } from '../../functions/kinds/verbs.ts';
import { runsIn } from '../../functions/shared/estate.ts';
import { type Stack, stackOf } from '../values.ts';
import { rightsOfKinds } from './rights.ts';

/** What a step may call, and of what: names as AWS has them. */
export type StepCalls = { readonly step: string; readonly calls: readonly string[]; readonly of: readonly string[] };

/** What is about to be started: where it runs, and what it is about. */
export type Wanted = {
  readonly flow: Exclude<Flow, 'service-degradation'>;
  readonly mode: Mode | null;
  readonly target: { readonly region: string; readonly zone?: string | undefined };
  readonly runsIn: string;
};

/** What a step may call, in words. */
export function callWords({ calls, of }: StepCalls): string {
  return `${calls.join(', ')} (${of.join(', ') || 'named when it is called'})`;
}

/** The same of a region flow, by the region that it is about and what it is for: what a dry run tells people. */
export function regionCallWords(plan: Plan): Readonly<Record<string, Readonly<Record<string, readonly string[]>>>> {
  const ofRegion = (region: string) =>
    modes.flatMap((mode) => {
      const place = runsIn({ target: region, mode }, plan);
      if (place === null) return [];
      const wanted = { flow: 'region-failover', mode, target: { region }, runsIn: place } as const;
      const lines = callsOf(wanted, { plan, prefix: 'breakwater' }).map(
        (one) => `${capital(stepWords(stepNamed(one.step)))}: ${callWords(one)}`,
      );
      return [[mode, lines] as const];
    });
  return Object.fromEntries(Object.keys(plan.regions).map((region) => [region, Object.fromEntries(ofRegion(region))]));
}

/** Each step that may change something. One that may change nothing is left out. */
export function callsOf(
  { flow, mode, target, runsIn }: Wanted,
  { plan, prefix }: Pick<Stack, 'plan' | 'prefix'>,
): StepCalls[] {
  const stack = stackOf(plan, runsIn, prefix);
  const each = (verb: Verb) =>
    wavesThat(verb, plan)
      .flat()
      .map((asset) => stepOf(verb, asset, target.region, stack));
  const steps =
    flow === 'az-failover'
      ? [...each('leave-zone'), ...each('tidy-up')]
      : [
          ...each('fence'),
          ...each('take-over'),
          ...redirection(mode, target.region, stack),
          // What did not answer is fenced when it does; a planned switchover has fenced all before.
          ...(mode === 'failover' ? each('fence-late') : []),
        ];
  return steps.filter(({ calls }) => calls.length > 0);
}

function stepOf(verb: Verb, asset: Stack['plan']['assets'][number], left: string, stack: Stack): StepCalls {
  // The rights of a kind are those on all its assets: asked about one alone, they are that one's.
  const rights = rightsOfKinds({ ...stack, plan: { ...stack.plan, assets: [asset] } });
  const may = (rights.get(asset.kind)?.verbs[verb]?.may ?? []).filter(
    ({ actions, on }) => on.length > 0 && actions.some(changes),
  );
  const standing = standsIn(verb === 'take-over' ? stack.region : left, asset);
  const shifted = shiftedIn(stack.region, '', asset).length > 0 && may.some(({ on }) => on === '*');
  return {
    step: stateWords({ state: stateOf[verb], asset: asset.name }),
    calls: [...new Set(may.flatMap(changing))],
    of: shifted && standing.length === 0 ? [asset.name] : standing,
  };
}

/** Where users are sent. What is restored where it stands keeps its users. */
function redirection(mode: Mode | null, left: string, { plan }: Stack): StepCalls[] {
  if (mode === 'restore') return [];
  const { redirection } = plan;
  const step = stateWords({ state: 'RedirectUsers', asset: null });
  if (redirection.mode === 'record-change')
    return [{ step, calls: ['route53:ChangeResourceRecordSets'], of: [redirection.record] }];
  return [{ step, calls: ['s3:PutObject'], of: Object.values(redirection.latchBuckets[left] ?? {}) }];
}

function changing({ actions }: KindRight): string[] {
  return actions.filter(changes);
}

/** Reading changes nothing; keys and tags go with a call that does. */
function changes(action: string): boolean {
  const [service = '', operation = ''] = action.split(':');
  return service !== 'kms' && !/^(?:Describe|Get|List|BatchGet|Head|Lookup|AddTags|AccessKubernetes)/.test(operation);
}
