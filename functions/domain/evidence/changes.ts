// What somebody changed before a degradation, as AWS's own records have it: who, what, when, on which asset. Pure, and reads anything.
import * as z from 'zod';
import { type Asset, saidOf, standsIn } from '../plan/assets.ts';
import type { Plan } from '../plan/plan.ts';
import { plainText } from '../words/plain-text.ts';

/** `pipeline`: whom the plan names as a sender of releases, or whoever used a tool in a cluster; `aws`: what changes by itself. `asset`: its name in the plan; null where it is the application as a whole. */
export type Change = {
  readonly at: number;
  readonly by: 'people' | 'pipeline' | 'aws' | 'breakwater';
  readonly who: string;
  readonly what: string;
  readonly asset: string | null;
};

/** What was changed inside of an asset, by its own record; `unread`: what of that could not be read, and why. */
export type Inside = {
  readonly changes: readonly Change[];
  readonly unread: readonly { readonly what: string; readonly error: unknown }[];
};

/** `gaps`: a line for each source that could not be read, or not in full. `since`: when the degradation began. */
export type ChangesSeen = {
  readonly changes: readonly Change[];
  readonly gaps: readonly string[];
  readonly since: number;
};

/** How late an event may be in CloudTrail's history [AWS, CloudTrail FAQ: within 15 minutes of the call]. */
export const trailLateMs = 15 * 60_000;

/** What was changed, on which asset, and by whom. */
export function changeWords(change: Change): string {
  return `${callWords(change)}, by ${change.who}`;
}

/** What was called, and on which asset. */
export function callWords({ what, asset }: Pick<Change, 'what' | 'asset'>): string {
  return `${what}${asset === null ? '' : ` on ${asset}`}`;
}

/** A change as a line of facts, which begins with its time. */
export function changeFact(change: Change): string {
  return `${new Date(change.at).toISOString()} ${changeWords(change)}`;
}

/** The facts that were not told yet of what was changed before the degradation began: what was changed since then is no cause of it. */
export function newlyKnown(facts: readonly string[], told: readonly unknown[], since: number): string[] {
  return facts.filter((fact) => !told.includes(fact) && Date.parse(fact.split(' ')[0] ?? '') <= since);
}

/** What a change is judged by: the stack's region, and how the names of its roles begin. */
export type Reading = { readonly region: string; readonly prefix: string; readonly plan: Plan };

const text = z.string().catch('');
const record = z.object({
  eventTime: z.iso.datetime(),
  eventName: z.string().min(1),
  eventSource: text,
  errorCode: z.unknown().optional(),
  requestParameters: z.unknown().optional(),
  resources: z.unknown().optional(),
  userIdentity: z
    .object({
      type: text,
      userName: text,
      principalId: text,
      invokedBy: text,
      sessionContext: z.object({ sessionIssuer: z.object({ userName: text }).catch({ userName: '' }) }).optional(),
    })
    .catch({ type: '', userName: '', principalId: '', invokedBy: '' }),
});
type Identity = z.infer<typeof record>['userIdentity'];

/** The services that deploy, configure or scale an application. What others note of it, such as its logs, changes nothing. */
const changing: readonly string[] = [
  ...['appconfig', 'application-autoscaling', 'arc-zonal-shift', 'autoscaling', 'cloudformation', 'codebuild'],
  ...['codedeploy', 'codepipeline', 'ec2', 'ecs', 'eks', 'elasticache', 'elasticloadbalancing', 'events', 'lambda'],
  ...['rds', 'route53', 'scheduler', 'secretsmanager', 'ssm'],
];

/** Backups and labels: whoever makes them changes nothing that serves users. */
const harmless = /Snapshot|Tag|^CreateGrant$|^(Update|Put)(InstanceInformation|Inventory|ComplianceItems)$/;

/** One event of CloudTrail's history, in its JSON; null where it is no change of the application, was refused, or cannot be read. */
export function changeIn(event: string, { region, prefix, plan }: Reading): Change | null {
  const parsed = record.safeParse(jsonIn(event));
  if (!parsed.success) return null;
  const { eventTime, eventName, eventSource, errorCode, requestParameters, resources, userIdentity } = parsed.data;
  const service = eventSource.split('.')[0] ?? '';
  if (errorCode !== undefined || !changing.includes(service) || harmless.test(eventName)) return null;
  const named = [...namesIn(requestParameters, 0), ...namesIn(resources, 0)];
  const asset = assetOf(named, service, region, plan);
  const { application } = plan;
  const other = named.find((name) => name === application || name.startsWith(`${application}-`));
  if (asset === undefined && other === undefined) return null;
  const at = Date.parse(eventTime);
  const of = asset === undefined ? ` of ${shortened(other ?? '')}` : '';
  return { at, ...whoIn(userIdentity, prefix, plan), what: `${shortened(eventName)}${of}`, asset: asset?.name ?? null };
}

/** What RDS or ElastiCache says that it did by itself: of a change that waited for the maintenance window, the call is days old. */
export function changeByService(
  service: 'rds' | 'elasticache',
  { at, message, source }: { readonly at: number; readonly message: string; readonly source: string },
  { region, plan }: Pick<Reading, 'region' | 'plan'>,
): Change | null {
  const asset = plan.assets.find((one) => saidOf(one).services.includes(service) && calls(source, region, one));
  return asset === undefined
    ? null
    : { at, by: 'aws', who: `AWS (${service})`, what: shortened(message), asset: asset.name };
}

/** A scaling activity; null where a person's call began it, which CloudTrail has, and where the group is none of the plan's. */
export function changeOfGroup(
  activity: { readonly at: number; readonly group: string; readonly cause: string; readonly what: string },
  { region, plan }: Pick<Reading, 'region' | 'plan'>,
): Change | null {
  const { at, group, cause, what } = activity;
  if (/\ba user request\b/.test(cause)) return null;
  const asset = assetOf([group], 'autoscaling', region, plan);
  return asset === undefined
    ? null
    : { at, by: 'aws', who: 'AWS (autoscaling)', what: shortened(what), asset: asset.name };
}

/** The asset that names speak of: one of the service that was called, before others that are called the same. */
function assetOf(names: readonly string[], service: string, region: string, { assets }: Plan): Asset | undefined {
  const found = assets.filter((one) => names.some((name) => calls(name, region, one)));
  return found.find((one) => saidOf(one).services.includes(service)) ?? found[0];
}

/** Whether AWS's name of a thing is a name of an asset, or begins as the names of what AWS makes for it. */
function calls(name: string, region: string, asset: Asset): boolean {
  const made = saidOf(asset).makes?.(region, asset) ?? [];
  return standsIn(region, asset).includes(name) || made.some((beginning) => name.startsWith(beginning));
}

/**
 * Whether a change may be the cause of what fails. An asset that is a component of its own is one where it fails itself, or what the plan
 * says depends on it; any other, and the application as a whole, where anything fails.
 */
export function mayCause({ asset }: Change, failing: readonly string[], plan: Plan): boolean {
  const found = plan.assets.find(({ name }) => name === asset);
  const component = found === undefined ? '' : (saidOf(found).called ?? found.name);
  const depending = plan.dependents[component];
  return depending === undefined || failing.some((one) => one === component || depending.includes(one));
}

/** The change before the first sign that is nearest to it: what AWS does by itself is suspected after what others did; our own never. */
export function nearest(
  { changes, since }: ChangesSeen,
  failing: readonly string[],
  from: number,
  plan: Plan,
): Change | null {
  const before = changes
    .filter((one) => one.by !== 'breakwater' && one.at <= since && one.at >= from && mayCause(one, failing, plan))
    .toSorted((a, b) => a.at - b.at);
  return before.findLast(({ by }) => by !== 'aws') ?? before.at(-1) ?? null;
}

function whoIn(identity: Identity, prefix: string, plan: Plan): Pick<Change, 'by' | 'who'> {
  const { type, userName, principalId, invokedBy, sessionContext } = identity;
  const role = sessionContext?.sessionIssuer.userName ?? '';
  // A role of this stack: its name, not that of the session, which whoever takes a role on chooses.
  if (role.startsWith(`${prefix}-`)) return { by: 'breakwater', who: 'Breakwater' };
  if (type === 'AWSService' || role.startsWith('AWSServiceRole'))
    return { by: 'aws', who: `AWS (${shortened(invokedBy.replace(/\.amazonaws\.com$/, '') || role || 'a service')})` };
  const session = principalId.split(':').slice(1).join(':');
  const isSender = plan.signals.senders.some((one) => one.split('/').at(-1) === (role || userName));
  const who = type === 'Root' ? 'the root user' : role === '' ? `user ${shortened(userName || type || 'unknown')}` : '';
  return {
    by: isSender ? 'pipeline' : 'people',
    who: who || `${shortened(session || 'somebody')} (role ${shortened(role)})`,
  };
}

/** Every name in a request, and of an ARN or path each part. It is as deep as requests are, and no deeper. */
function namesIn(value: unknown, depth: number): string[] {
  if (typeof value === 'string') return [value, ...value.split(/[:/]/)];
  return Object.values(depth > 6 ? {} : (value ?? {})).flatMap((one) => namesIn(one, depth + 1));
}

const longestName = 80;

/** Names and texts are others': one short line of them. */
export function shortened(said: string): string {
  const plain = plainText(said.slice(0, 400));
  return plain.length <= longestName ? plain : `${plain.slice(0, longestName - 3)}...`;
}

function jsonIn(event: string): unknown {
  try {
    return JSON.parse(event);
  } catch {
    return null;
  }
}
