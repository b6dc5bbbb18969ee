// Roles that the policy of a bus or of a queue speaks of, or the access entry of a cluster: those have names, short ones, since a
// stage's name is in them too and IAM takes 64 letters. Roles are names of the account and not of a region. IAM, "AWS global condition context keys": aws:PrincipalArn
// is that of the role, not of its session.
import { sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';

const named = {
  // Put events on the bus of the application (bus.ts), or forward them to it.
  'send-heartbeat': 'beat',
  'run-canary': 'run',
  'probe-dependencies': 'probe',
  'forward-cache-events': 'cache',
  'forward-events': 'forward',
  // Ask on the signals queue to look again (queues.ts).
  classify: 'classify',
  sweep: 'sweep',
  // Have access entries in clusters (docs/deploy.md), which name them.
  'check-readiness': 'ready',
  notify: 'tell',
  diagnose: 'cause',
  'eks-cluster-verify': 'verify',
  'eks-cluster-take-over': 'scale',
  'eks-cluster-fence-late': 'stop',
  'inject-fault': 'break',
  'follow-drill': 'drill',
  'consumers-fence': 'off',
  'consumers-fence-late': 'late-off',
  'consumers-unfence': 'back-on',
  'consumers-take-over': 'on',
} as const;
/** A function, or the rules that forward. */
export type Named = keyof typeof named;

/** Whether the role of a function has a name. */
export function isNamed(verb: string): verb is Named {
  return Object.hasOwn(named, verb);
}

/** The name of a role in the account. */
export function roleName(who: Named, { region, prefix }: Pick<Stack, 'region' | 'prefix'>): string {
  return `${prefix}-${region}-${named[who]}`;
}

/** The ARN of a named role, as conditions compare it. */
export function roleArn(who: Named, stack: Pick<Stack, 'region' | 'prefix'>): Value {
  return principal(`role/${roleName(who, stack)}`);
}

/** The ARN of a role or user of this account. */
export function principal(who: string): Value {
  return sub(`arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${who}`);
}
