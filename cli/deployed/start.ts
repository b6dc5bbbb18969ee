// What `failover`, `switchover` and `dry-run` share: what the flow may call, a dry run in the deployment, then a typed yes.
import { setTimeout as wait } from 'node:timers/promises';
import { startExecution } from '../../functions/aws/flows/executions.ts';
import { readEnd, readLastCall, readStop } from '../../functions/aws/flows/whereabouts.ts';
import { factSentences } from '../../functions/domain/flow-words/flow-message.ts';
import { machineName } from '../../functions/domain/flows.ts';
import { isSamePerson, personsIn } from '../../functions/domain/plan/persons.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import { causeWords, stepName } from '../../functions/domain/record/step.ts';
import { type Mode, modes } from '../../functions/domain/types.ts';
import { anyOf, oneOf } from '../../functions/domain/words/nearest.ts';
import { type Approvers, approversNeeded } from '../../functions/shared/approval/approvers.ts';
import { runsIn } from '../../functions/shared/estate.ts';
import { callsOf, callWords, type StepCalls, type Wanted } from '../../infrastructure/rights/calls.ts';
import { expectManual, type ManualStart } from '../files/manual.ts';
import { printable } from '../screen/layout.ts';
import { NotDone } from '../screen/not-done.ts';
import { createSpinner } from '../screen/spinner.ts';
import { colorsOf, sayOn, type Terminal } from '../screen/terminal.ts';
import { expectYes } from '../screen/typed-yes.ts';
import { WrongInput } from '../screen/wrong-input.ts';
import { commandLine, type Deployment, type DeploymentOptions, deploymentOf, open } from './deployment.ts';

export type StartOptions = DeploymentOptions & {
  readonly reason: string;
  readonly as?: string;
  readonly zone?: string;
};

/** So long a dry run is waited for: what it asks may be dark. */
const longestLookMs = 300_000;
const lookAgainMs = 2_000;

/** Makes a dry run, and says what was found and what would be called. @throws WrongInput where the flow refuses it, NotDone. */
export async function lookOnly(mode: Mode, options: StartOptions, terminal: Terminal): Promise<void> {
  const prepared = await prepare(mode, options, terminal);
  const looked = await look(prepared, terminal);
  if (options.json === true) return printJson(prepared, looked, null, terminal);
  say(prepared, looked, terminal);
  sayOn(terminal)('Nothing was changed, and no lock was taken.');
}

/** The same, and starts the flow once a person has typed yes. @throws WrongInput, and NotDone where nothing was started. */
export async function startAfterYes(mode: Mode, options: StartOptions, terminal: Terminal): Promise<void> {
  const prepared = await prepare(mode, options, terminal);
  const { deployment, wanted, input, frozen } = prepared;
  if (frozen !== null)
    throw new NotDone(`FROZEN by ${frozen.by} (${frozen.reason}): first ${commandLine('unfreeze', options)}`);
  const looked = await look(prepared, terminal);
  const quiet = options.json === true ? { ...terminal, out: terminal.err } : terminal;
  say(prepared, looked, quiet);
  for (const line of whatFollows(prepared)) sayOn(quiet)(line);
  await expectYes(terminal);
  const name = `by-hand-${Date.now()}`;
  await begin(name, input, prepared);
  if (options.json === true) return printJson(prepared, looked, name, terminal);
  sayOn(terminal)(
    `${colorsOf(terminal).bold('Started')} ${wanted.flow} ${name} of ${deployment.prefix} in ${wanted.runsIn}.`,
  );
  terminal.out(
    `Follow it with:\n  ${commandLine('status', options)}\nStop it with:\n  ${commandLine('abort', options, name)}\n`,
  );
}

type Prepared = {
  readonly deployment: Deployment;
  readonly wanted: Wanted;
  readonly input: ManualStart;
  readonly calls: readonly StepCalls[];
  readonly account: string;
  readonly frozen: { readonly by: string; readonly reason: string } | null;
  /** How many persons must approve, and of which roles; null where nobody is asked. */
  readonly approval: { readonly required: number; readonly roles: readonly string[] } | null;
};

/** The input that the flow gets, from what stands now. The flow checks all of it once more. */
async function prepare(mode: Mode, options: StartOptions, terminal: Terminal): Promise<Prepared> {
  const deployment = deploymentOf(options, terminal);
  const { plan, prefix } = deployment;
  const { as, zone, reason } = options;
  const contacts = Object.keys(plan.contacts);
  if (as !== undefined && !contacts.includes(as))
    throw new WrongInput(`--as: is ${as}, expected ${oneOf(contacts, as)}`);
  const every = deployment.regions.flatMap((region) => Object.keys(plan.regions[region]?.zones ?? {}));
  if (zone !== undefined && !every.includes(zone))
    throw new WrongInput(
      `--zone: is ${zone}, expected ${isZoneName(zone) ? 'the id of a zone, not its name: ' : ''}${anyOf(every)}`,
    );
  if (as !== undefined) expectApprovers(as, zone, plan);
  const { shell, caller } = await open(deployment);
  const { primary, epoch, frozen } = await shell.store.readStanding(shell.region);
  const zones = Object.keys(plan.regions[primary]?.zones ?? {});
  if (zone !== undefined && !zones.includes(zone))
    throw new WrongInput(`--zone: is ${zone}, expected ${anyOf(zones)}, the zones of ${primary}, which serves users`);
  const requestedBy = as ?? caller.arn;
  const common = { reason, requestedBy, expectedEpoch: epoch };
  const input = expectManual(
    zone === undefined
      ? { ...common, target: { region: primary }, mode }
      : { ...common, target: { region: primary, zone } },
    'the start',
    plan,
  );
  const place = zone === undefined ? runsIn({ target: primary, mode }, plan) : primary;
  if (place === null) throw new NotDone(`the plan has no region that takes over from ${primary}`);
  const { required, roles } = expectApprovers(requestedBy, zone, plan);
  const wanted: Wanted =
    zone === undefined
      ? { flow: 'region-failover', mode, target: input.target, runsIn: place }
      : { flow: 'az-failover', mode: null, target: input.target, runsIn: place };
  return {
    ...{ deployment, wanted, input, frozen, account: caller.account },
    calls: callsOf(wanted, { plan, prefix }),
    approval: zone === undefined ? { required, roles } : null,
  };
}

/** Such as us-east-1a: another zone in each account. */
function isZoneName(text: string): boolean {
  return /^[a-z]{2}(?:-[a-z]+)+-\d[a-z]$/.test(text);
}

/** Who has to approve. @throws WrongInput where who asks leaves too few; a zone needs nobody. */
function expectApprovers(requestedBy: string, zone: string | undefined, plan: Plan) {
  const needed = approversNeeded({ manual: true, requestedBy }, plan);
  const { required, persons } = needed;
  if (zone === undefined && persons < required) throw new WrongInput(tooFewWords(requestedBy, needed, plan));
  return needed;
}

/** Why a start is refused that too few people could approve, and who may type it instead. */
function tooFewWords(requestedBy: string, { required, roles }: Approvers, plan: Plan): string {
  const every = plan.approval.roles;
  const own = every.find((role) => isSamePerson(role, requestedBy, plan));
  if (own === undefined || personsIn(every, plan).length < required)
    return `not started: ${required} persons would have to approve, and the plan has only ${every.join(', ')} (approval.roles)`;
  const left = `only ${roles.join(', ') || 'nobody'} ${roles.length > 1 ? 'are' : 'is'} left`;
  const none = Object.keys(plan.contacts).filter((name) => !every.some((role) => isSamePerson(role, name, plan)));
  // Whoever is paged is awake.
  const other = none.find((name) => plan.contacts[name]?.channel === 'page') ?? none[0];
  return `not started: you are ${own}, an approver, and ${required} others would have to approve (${left}). Let somebody who is no approver type this line${other === undefined ? '' : `, such as ${other}`}`;
}

async function begin(name: string, input: ManualStart, { deployment, wanted, account }: Prepared): Promise<string> {
  const machine = `arn:aws:states:${wanted.runsIn}:${account}:stateMachine:${machineName(wanted.flow, deployment.prefix)}`;
  await startExecution(wanted.runsIn, machine, name, JSON.stringify(input));
  return `${machine.replace(':stateMachine:', ':execution:')}:${name}`;
}

/** `found`: in sentences; null where the dry run has not ended in time. */
type Looked = { readonly dryRun: string; readonly found: readonly string[] | null };

/** @throws WrongInput where the flow refuses such a start. */
async function look(prepared: Prepared, terminal: Terminal): Promise<Looked> {
  const { input, wanted } = prepared;
  const dryRun = `by-hand-${Date.now()}-dry-run`;
  const arn = await begin(dryRun, { ...input, dryRun: true }, prepared);
  const spinner = createSpinner({ ...terminal, out: terminal.err });
  spinner.show(`looking at everything from ${wanted.runsIn}; nothing is changed`);
  try {
    for (const until = Date.now() + longestLookMs; Date.now() < until; await wait(lookAgainMs)) {
      const end = await readEnd(wanted.runsIn, arn);
      if (end !== null) return { dryRun, found: await foundBy(arn, end.status === 'SUCCEEDED', prepared) };
    }
    return { dryRun, found: null };
  } finally {
    spinner.stop();
  }
}

/** What a dry run told people, or where it stopped. @throws WrongInput */
async function foundBy(arn: string, succeeded: boolean, { wanted, input }: Prepared): Promise<string[]> {
  const told = await readLastCall(wanted.runsIn, arn, 'NotifyDryRun');
  const facts = told?.['facts'];
  const sentences =
    typeof facts === 'object' && facts !== null
      ? factSentences('dry-run', { ...wanted.target, flow: wanted.flow, mode: input.mode }, { ...facts })
      : [];
  if (succeeded) return sentences;
  const { state, asset, error, cause } = await readStop(wanted.runsIn, arn);
  const why = printable(causeWords(cause ?? error ?? 'it does not say why'));
  if (error === 'InvalidInput') throw new WrongInput(why);
  return [...sentences, `The dry run stopped at ${stepName({ state: state ?? 'an unknown state', asset })}: ${why}`];
}

function say({ calls, wanted, deployment }: Prepared, { dryRun, found }: Looked, terminal: Terminal): void {
  const colors = colorsOf(terminal);
  const write = sayOn(terminal);
  const { target, mode } = wanted;
  const what = mode === null ? `leave ${target.zone} in ${target.region}` : `${mode} of ${target.region}`;
  terminal.out(`${colors.bold(`${what}, by ${wanted.flow} of ${deployment.prefix} in ${wanted.runsIn}`)}\n`);
  terminal.out('\nBreakwater may make these calls, in this order. Assets that need no change get no call:\n');
  const width = Math.max(0, ...calls.map(({ step }) => step.length)) + 2;
  for (const step of calls) write(`${step.step.padEnd(width)}${callWords(step)}`, 2);
  terminal.out(`\nWhat the dry run ${dryRun} found:\n`);
  for (const line of found ?? ['The dry run has not ended yet: some service may not answer. See it with status.'])
    write(line, 2);
  terminal.out('\n');
}

function whatFollows({ approval, wanted }: Prepared): string[] {
  if (approval === null)
    return [`The flow begins at once: nobody is asked before the move out of ${wanted.target.zone}.`];
  const { required, roles } = approval;
  return [`Nothing is called before ${required} of ${roles.join(', ')} have approved: a start by hand needs one more.`];
}

function printJson(
  { deployment, wanted, input, calls }: Prepared,
  looked: Looked,
  started: string | null,
  terminal: Terminal,
) {
  const { flow, runsIn: region } = wanted;
  const told = { deployment: deployment.prefix, flow, region, input, calls, ...looked, started };
  terminal.out(`${JSON.stringify(told, null, 2)}\n`);
}

/** What a person may ask for of a whole region; what was corrupted is restored with a file of its own. */
export const regionModes = modes.filter((mode) => mode !== 'restore');
