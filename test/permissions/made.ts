// The roles as infrastructure/ makes them for a plan, without packaging.
import { parsePlan } from '../../check/plan.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { balancersIn } from '../../functions/shared/estate.ts';
import { roles } from '../../infrastructure/rights/roles.ts';
import type { Stack } from '../../infrastructure/values.ts';
import type { Statement } from '../../simulator/iam/evaluate.ts';
import { type Resources, readPolicies } from '../../simulator/iam/policies.ts';
import { changing, the, withClusterConsumers, withConsumers, withDrills, withExports, withService } from '../assets.ts';
import { plan } from '../plan.ts';
import { resolver } from './resolve.ts';

export const prefix = 'breakwater-rehearsal';

/** The other ways that a plan can go: each right that a plan may have is there with one of the two. */
const all = withDrills(withClusterConsumers(withConsumers(withExports(withService(plan)))));
const cacheAlone = changing('elasticache', all, {
  globalDatastore: null,
  regions: Object.fromEntries(
    Object.entries(the('elasticache', all).regions).map(([region, { restore, ...place }]) => {
      const byUsers = restore && { ...restore, authTokenSecret: null, userGroup: 'chatops-users' };
      return [region, { ...place, ...(byUsers && { restore: byUsers }) }];
    }),
  ),
});
const balancers = [...balancersIn(plan.roles.primary, plan), 'net/chatops-tcp/50dc6c495c0c9189'];
const other = parsePlan({
  ...changing('load-balancer', cacheAlone, {
    regions: { [plan.roles.primary]: balancers, [plan.roles.standby]: balancers },
  }),
  redirection: { ...plan.redirection, mode: 'record-change' },
  remediation: { afterRelease: { mode: 'act', buildProject: 'chatops-rollback' } },
  dependencies: { ...plan.dependencies, hard: ['rds'] },
  evidence: { ...plan.evidence, region: { ...plan.evidence.region, hardDependencies: 1 } },
  contacts: {
    ...plan.contacts,
    channel: { handle: '#dr', duty: 'reads', channel: 'slack', webhook: '/chatops/webhooks/dr', iam: [] },
    texted: { handle: '+15551234567', duty: 'reads', channel: 'sms', iam: [] },
  },
});
export const plans = { shipped: all, other } as const;

/** The statements of a role in the stack of a region, as they are made for a plan. */
export function madeFor(
  name: string,
  region: string,
  of: Plan,
  kind: 'main' | 'observer' = 'main',
): readonly Statement[] {
  const resources = stackOf(region, of, kind);
  return readPolicies(resources, `${pascal(name)}Role`, resolver(resources, region));
}

/** What packaging would ask for. */
export function asked(region: string, of: Plan, kind: 'main' | 'observer' = 'main'): Stack {
  return {
    plan: of,
    region,
    prefix,
    kind,
    tells: [],
    onCall: 'on-call',
    addresses: null,
    forwards: true,
    makesRecords: true,
  };
}

const stacks = new Map<string, Resources>();

/** The roles of a stack, and what they name by reference. */
export function stackOf(region: string, of: Plan, kind: 'main' | 'observer' = 'main'): Resources {
  const id = `${kind} ${region} ${JSON.stringify(of)}`;
  const known = stacks.get(id) ?? {
    ...roles(asked(region, of, kind)),
    Key: { Type: 'AWS::KMS::Key' },
    LinkKey: { Type: 'AWS::SecretsManager::Secret', Properties: { Name: `${prefix}-link-key` } },
    DeadLetters: { Type: 'AWS::SQS::Queue', Properties: { QueueName: `${prefix}-dead-letters` } },
  };
  stacks.set(id, known);
  return known;
}

/** The logical name that a function or flow gives its role, without its ending. */
export function pascal(name: string): string {
  return name.replaceAll(/(?:^|-)(\w)/g, (_, letter: string) => letter.toUpperCase());
}
