// Whether AWS FIS could carry out an experiment by its role: whom that trusts, and what it may do. FIS asks when the experiment starts, and the
// experiment fails where the answer is no. Source: the FIS user guide, "IAM roles for AWS FIS experiments" and each action's permissions.
import { evaluate, type Statement } from './evaluate.ts';

/** A role of the template, its intrinsic functions resolved; undefined where there is none. */
export type ExperimentRole =
  | {
      readonly AssumeRolePolicyDocument?: { readonly Statement?: readonly Statement[] };
      readonly Policies?: readonly { readonly PolicyDocument: { readonly Statement: readonly Statement[] } }[];
      readonly ManagedPolicyArns?: readonly string[];
    }
  | undefined;

type Place = { readonly region: string; readonly account: string };
type Asked = { readonly action: string; readonly tags: Readonly<Record<string, string>> };

/** What each action of FIS does at AWS: the calls of its role, or the policy of AWS that holds them. */
const networkPolicy = /^arn:aws[a-z-]*:iam::aws:policy\/service-role\/AWSFaultInjectionSimulatorNetworkAccess$/;

/** In words of FIS; null where nothing is wrong. */
export function whyRoleFails(role: ExperimentRole, { action, tags }: Asked, { region, account }: Place): string | null {
  if (role === undefined) return 'Unable to assume role: there is no such role';
  const trust = role.AssumeRolePolicyDocument?.Statement ?? [];
  const source = `arn:aws:fis:${region}:${account}:experiment/EXPnew`;
  const context = { 'aws:SourceArn': source, 'aws:SourceAccount': account };
  const assumed = evaluate(
    { action: 'sts:AssumeRole', resource: '*', context },
    { identity: [], resource: { statements: trust, caller: { service: 'fis.amazonaws.com' } } },
  );
  if (!assumed.allowed) return 'Unable to assume role: it does not trust fis.amazonaws.com for this experiment';
  const identity = (role.Policies ?? []).flatMap(({ PolicyDocument }) => PolicyDocument.Statement);
  const lacks = (asked: string, resource: string, carried: Readonly<Record<string, string>> = {}) =>
    evaluate({ action: asked, resource, context: carried }, { identity }).allowed ? [] : [asked];
  switch (action) {
    case 'aws:ec2:terminate-instances': {
      const carried = Object.fromEntries(Object.entries(tags).map(([key, tag]) => [`aws:ResourceTag/${key}`, tag]));
      const instance = `arn:aws:ec2:${region}:${account}:instance/i-0123456789abcdef0`;
      return denied([...lacks('ec2:DescribeInstances', '*'), ...lacks('ec2:TerminateInstances', instance, carried)]);
    }
    case 'aws:network:disrupt-connectivity': {
      const isGiven = (role.ManagedPolicyArns ?? []).some((arn) => networkPolicy.test(arn));
      return isGiven ? null : denied(['ec2:CreateNetworkAcl']);
    }
    default:
      return `Action ${action} is not known here`;
  }
}

function denied(actions: readonly string[]): string | null {
  return actions.length === 0 ? null : `The experiment role is not authorized to perform ${actions.join(', ')}`;
}
