// Patterns that can never match what the plan itself names: alarms that would be read as nothing, or as another zone's. Pure.
import { must, type Wrong, wrong } from '../functions/domain/plan/issues.ts';
import type { Plan } from '../functions/domain/plan/plan.ts';
import { didYouMean } from '../functions/domain/words/nearest.ts';

/** A named group of a pattern, as a pattern of its own; null where there is none of that name, or none that stands by itself. */
function groupIn(pattern: string, name: string): RegExp | null {
  const opening = `(?<${name}>`;
  const start = pattern.indexOf(opening);
  if (start < 0) return null;
  const from = start + opening.length;
  let depth = 1;
  let inClass = false;
  for (let at = from; at < pattern.length; at += 1) {
    const sign = pattern[at];
    if (sign === '\\') at += 1;
    else if (inClass) inClass = sign !== ']';
    else if (sign === '[') inClass = true;
    else if (sign === '(') depth += 1;
    else if (sign === ')') depth -= 1;
    if (depth === 0) return isOfItsOwn(pattern.slice(from, at)) ? new RegExp(`^(?:${pattern.slice(from, at)})$`) : null;
  }
  return null;
}

/** Not where it refers to what stands beside it: only AWS's names themselves could tell then. */
function isOfItsOwn(group: string): boolean {
  return !/\\k<|\\[1-9]|\(\?<?[=!]/.test(group);
}

/** Zones, regions and observers that the plan names and no rule for alarms of a kind can ever name; components that no rule can. */
export function unmatchable(plan: Plan): Wrong[] {
  return [...unmatchableNames(plan), ...unknownComponents(plan)];
}

function unmatchableNames({ roles, regions, signals }: Plan): Wrong[] {
  const { primary, standby, observers } = roles;
  const mains = [primary, standby];
  const wanted = {
    zone: mains.flatMap((region) => Object.keys(regions[region]?.zones ?? {})),
    region: mains,
    observer: [...mains, ...observers],
  };
  const rules = [
    ...signals.alarms.map(({ match, kind }, index) => ({ path: `signals.alarms.${index}.match`, match, kind })),
    ...signals.canaries.map(({ match }, index) => ({
      path: `signals.canaries.${index}.match`,
      match,
      kind: 'canaries',
    })),
  ];
  return [...Map.groupBy(rules, ({ kind }) => kind).values()].flatMap((ofKind) =>
    Object.entries(wanted).flatMap(([name, all]) => {
      const naming = ofKind.filter(({ match }) => match.includes(`(?<${name}>`));
      const groups = naming.map(({ match }) => groupIn(match, name));
      const [first] = naming;
      if (first === undefined || groups.includes(null)) return [];
      const missed = all.filter((one) => !groups.some((group) => group?.test(one)));
      return must(
        missed.length === 0,
        first.path,
        first.match,
        `a group ${name} that matches ${missed.join(', ')} too`,
      );
    }),
  );
}

/**
 * A component that no alarm can be about is never found to fail: rules that name it rest on nothing. Nor is a zone that would need more
 * components than there are.
 */
function unknownComponents(plan: Plan): Wrong[] {
  const { signals, infrastructureComponents, dependents, explanations } = plan;
  const named: readonly (readonly [string, string])[] = [
    ...infrastructureComponents.map((one, index) => [`infrastructureComponents.${index}`, one] as const),
    ...Object.keys(dependents).map((one) => [`dependents.${one}`, one] as const),
    ...Object.entries(dependents).flatMap(([on, all]) =>
      all.map((one, index) => [`dependents.${on}.${index}`, one] as const),
    ),
    ...explanations.release.components.map((one, index) => [`explanations.release.components.${index}`, one] as const),
  ];
  if (named.length === 0) return [];
  const rules = signals.alarms.flatMap((rule, index) => (rule.kind === 'component' ? [{ ...rule, index }] : []));
  const [first] = rules;
  if (first === undefined)
    return [
      wrong(
        ['signals', 'alarms'],
        signals.alarms.map(({ kind }) => kind),
        'a rule with kind component',
      ),
    ];
  const naming = rules.filter(({ match }) => match.includes('(?<component>'));
  if (naming.length === 0)
    return [
      wrong(
        ['signals', 'alarms', `${first.index}`, 'match'],
        first.match,
        'a group (?<component>…) that names what fails',
      ),
    ];
  const groups = naming.flatMap(({ match }) => groupIn(match, 'component') ?? []);
  if (groups.length < naming.length) return [];
  const words = groups.flatMap(wordsOf);
  const isListed = groups.every((group) => wordsOf(group).length > 0);
  const anAlarm = 'a component that an alarm can be about, by a rule in signals.alarms';
  return [
    ...named.flatMap(([path, component]) => {
      const meant = isListed ? `: ${didYouMean(component, words)}` : '';
      return must(
        groups.some((group) => group.test(component)),
        path,
        component,
        `${anAlarm}${meant}`,
      );
    }),
    ...(['components', 'componentsWithAwsNotice'] as const).flatMap((key) =>
      must(
        !isListed || plan.evidence.zone[key] <= new Set(words).size,
        `evidence.zone.${key}`,
        plan.evidence.zone[key],
        `at most ${new Set(words).size}, the components that alarms can be about`,
      ),
    ),
  ];
}

/** The words of a group that is nothing but a list of them; none where it is more. */
function wordsOf({ source }: RegExp): string[] {
  const [, list] = /^\^\(\?:([\w-]+(?:\|[\w-]+)*)\)\$$/.exec(source) ?? [];
  return list?.split('|') ?? [];
}
