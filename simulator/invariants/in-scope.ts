// in-scope: nothing outside the incident's scope is changed; a zone flow never touches another zone's healthy primary,
// and a dry run touches nothing.
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { callOf, describe, type Execution, type History, type Invariant, type Violation } from './model/history.ts';
import type { Mutation, Place } from './model/observations.ts';
import { endsExperiment, isKeeping, isRegionFlow } from './model/region-acts.ts';

/** Changes of a whole group, which has its place only through its primary. */
const groupCalls = ['elasticache:ModifyReplicationGroup'];

/** Services whose things stand in no region: whatever the plan, their control plane is asked in the one where it stands. */
const global = ['route-53'];

export const inScope: Invariant = (history, plan) => {
  const firstInZone = new Map<string, boolean>();
  return history.of('mutation').flatMap((mutation) => {
    if (isKeeping(mutation)) return keptWhere(mutation, plan);
    // What ends what a drill broke is never too much.
    if (endsExperiment(mutation)) return [];
    const execution = history.executions.get(mutation.execution);
    const why =
      execution === undefined ? 'which is not known' : whyOutside(mutation, execution, history, plan, firstInZone);
    return why === null ? [] : [{ at: mutation.at, what: `${describe(mutation)}, ${why}` }];
  });
};

/** Copies are kept in the main regions, whatever goes on. */
function keptWhere(mutation: Mutation, { roles }: Plan): Violation[] {
  const isMain = [roles.primary, roles.standby].includes(mutation.region);
  return isMain ? [] : [{ at: mutation.at, what: `${describe(mutation)}, which is no main region` }];
}

function whyOutside(
  mutation: Mutation,
  execution: Execution,
  history: History,
  plan: Plan,
  firstInZone: Map<string, boolean>,
): string | null {
  const { region, scope } = mutation;
  const { target, stateMachine, dryRun } = execution;
  if (dryRun) return 'which is a dry run';
  if (stateMachine === 'drill') return whyNoInjection(mutation, plan);
  if (isRegionFlow(stateMachine)) {
    const isKnown = global.includes(mutation.service) || knownRegions(plan).includes(region);
    return isKnown ? null : 'in a region that the plan does not know';
  }
  if (target === null) return 'whose scope is not known';
  const places = [target, ...decidedScopes(execution, history)];
  const otherRegion = places.find((place) => place.region !== region || place.region !== scope.region);
  if (otherRegion !== undefined) return `outside its region ${otherRegion.region}`;
  if (stateMachine !== 'az-failover') return null;
  if (target.zone === null) return 'whose zone is not known';
  const otherZone = places.find((place) => place.zone !== scope.zone);
  if (!groupCalls.includes(callOf(mutation)))
    return otherZone === undefined ? null : `outside its zone ${otherZone.zone}`;
  // A group is switched off, moved and switched on again: the first of these says where its primary stood. What an
  // execution began, a later one of the same incident may finish.
  const group = [mutation.incident || mutation.execution, target.zone, region, mutation.target].join(' ');
  if (!firstInZone.has(group)) firstInZone.set(group, otherZone === undefined);
  const began = firstInZone.get(group) === true;
  return otherZone === undefined || began
    ? null
    : `while its primary was not in the zone ${otherZone.zone} when the flow began with it`;
}

/** What a drill may break, where users are: nothing else of it changes anything. */
const injections = ['rds:RebootDBInstance', 'fis:StartExperiment', 'kubernetes:DeletePod'];

/** Before it breaks anything it takes snapshots of its own, and deletes those of drills before. */
const backups = ['rds:CreateDBSnapshot', 'rds:DeleteDBSnapshot'];

function whyNoInjection(mutation: Mutation, { roles }: Plan): string | null {
  if (mutation.step === 'Prepare' && backups.includes(callOf(mutation)) && mutation.target.includes('-drill-'))
    return mutation.region === roles.primary ? null : 'which is a backup of what serves nobody';
  if (!injections.includes(callOf(mutation))) return 'which no drill may make';
  return mutation.step === 'Inject' && mutation.region === roles.primary
    ? null
    : 'which is no injection where users are';
}

/** What was decided for an execution; none for one that was started by hand. */
function decidedScopes({ name, stateMachine, target }: Execution, history: History): Place[] {
  const scopes = history
    .of('decision')
    .filter((decision) => decision.execution === name)
    .map(({ scope }) => scope);
  // Only a zone flow is about the zone of its decision.
  return stateMachine === 'az-failover' ? scopes : scopes.map(({ region }) => ({ region, zone: target?.zone ?? null }));
}

function knownRegions(plan: Plan): string[] {
  return [...Object.keys(plan.regions), plan.roles.witness, ...plan.roles.observers];
}
