// The experiments of AWS FIS: which templates the stacks have made, and how an experiment of one goes: it looks for its targets, breaks them unless
// an alarm says no, and ends after its time, at an alarm, or when it is asked to.
import { assetsOf } from '../../../functions/domain/plan/assets.ts';
import type { Alarms } from '../alarms/alarms.ts';
import { refusal } from '../calls/aws-error.ts';
import { hex } from '../chance/random.ts';
import { zoneName, zonesOf } from '../faults/faults.ts';
import type { Fault } from '../types.ts';
import type { World } from '../world.ts';

/** A template as a stack deploys it. */
export type ExperimentTemplate = {
  readonly id: string;
  readonly region: string;
  readonly action: string;
  /** The tags and filters by which its targets are looked for, and how long it lasts, where it does. */
  readonly tags: Readonly<Record<string, string>>;
  readonly filters: Readonly<Record<string, readonly string[]>>;
  readonly seconds: number | null;
  /** What keeps FIS from acting by the template's role, in its words; null where nothing does. */
  readonly whyRoleFails: string | null;
  /** ARNs of alarms. */
  readonly stopAlarms: readonly string[];
};

type Status = 'initiating' | 'running' | 'completed' | 'stopped' | 'failed';
export type Experiment = {
  readonly id: string;
  readonly template: ExperimentTemplate;
  readonly token: string;
  status: Status;
  reason: string;
};

export type Experiments = {
  define(template: ExperimentTemplate): void;
  /** `fresh`: false where the token was known. @throws ResourceNotFoundException for a template that is not there */
  start(region: string, template: string, token: string): { readonly experiment: Experiment; readonly fresh: boolean };
  /** @throws ResourceNotFoundException */
  find(region: string, id: string): Experiment;
  /** What an experiment breaks, as people say it: a cluster, or a zone's id. */
  targetOf(experiment: Experiment): string;
  /** @throws ResourceNotFoundException, and ValidationException of one that is over */
  stop(region: string, id: string): Experiment;
};

/** Alarms are looked at as often. */
const lookSeconds = 5;
/** Until targets are found, and one instance is ended. */
const initiatingSeconds = 10;
const endingSeconds = 45;

export function createExperiments(
  world: World,
  alarms: Alarms,
  { inject, heal }: { readonly inject: (fault: Fault) => void; readonly heal: (id: string) => void },
): Experiments {
  const templates: ExperimentTemplate[] = [];
  const all: Experiment[] = [];
  const isOver = ({ status }: Experiment) => status !== 'initiating' && status !== 'running';
  const end = (experiment: Experiment, status: Status, reason: string): void => {
    if (isOver(experiment)) return;
    Object.assign(experiment, { status, reason });
    if (experiment.template.seconds !== null) heal(experiment.id);
  };
  const alarmIn = ({ stopAlarms, region }: ExperimentTemplate): string | null =>
    alarms
      .list(region)
      .filter(({ state, isDeleted }) => state.value === 'ALARM' && !isDeleted)
      .map(({ definition }) => definition.name)
      .find((name) => stopAlarms.some((arn) => arn.endsWith(`:alarm:${name}`))) ?? null;
  /** One that is not there watches nothing: FIS resolves each when the experiment starts. */
  const alarmMissing = ({ stopAlarms, region }: ExperimentTemplate): string | null => {
    const known = alarms.list(region).filter(({ isDeleted }) => !isDeleted);
    return stopAlarms.find((arn) => !known.some(({ definition }) => arn.endsWith(`:alarm:${definition.name}`))) ?? null;
  };
  const watch = (experiment: Experiment): void => {
    if (isOver(experiment)) return;
    const alarm = alarmIn(experiment.template);
    if (alarm !== null) return void end(experiment, 'stopped', `Experiment halted by stop condition: alarm ${alarm}`);
    world.after(lookSeconds, () => watch(experiment));
  };
  const begin = (experiment: Experiment): void => {
    if (isOver(experiment)) return;
    const { template, id } = experiment;
    const missing = alarmMissing(template);
    const broken = template.whyRoleFails ?? (missing === null ? null : `Stop condition not found: ${missing}`);
    if (broken !== null) return void end(experiment, 'failed', broken);
    const fault = faultOf(template, id, world);
    if (fault === null) return void end(experiment, 'failed', 'Target resolution returned empty set');
    if (alarmIn(template) !== null) {
      watch(experiment);
      return;
    }
    experiment.status = 'running';
    inject(fault);
    world.after(template.seconds ?? endingSeconds, () => end(experiment, 'completed', 'Experiment completed.'));
    watch(experiment);
  };
  const find = (region: string, id: string): Experiment => {
    const found = all.find((one) => one.id === id && one.template.region === region);
    if (found === undefined) throw refusal('ResourceNotFoundException', `Experiment not found: ${id}`, 404);
    return found;
  };
  return {
    define: (template) => void templates.push(template),
    start(region, id, token) {
      const known = all.find((one) => one.token === token && one.template.region === region);
      if (known !== undefined) return { experiment: known, fresh: false };
      const template = templates.find((one) => one.id === id && one.region === region);
      if (template === undefined)
        throw refusal('ResourceNotFoundException', `ExperimentTemplate not found: ${id}`, 404);
      const name = `EXP${hex(world.chances.ids, 15)}`;
      const experiment: Experiment = {
        id: name,
        template,
        token,
        status: 'initiating',
        reason: 'Experiment is initiating.',
      };
      all.push(experiment);
      world.after(initiatingSeconds, () => begin(experiment));
      return { experiment, fresh: true };
    },
    find,
    targetOf: ({ template }) => clusterIn(template) ?? zoneIn(template, world) ?? template.id,
    stop(region, id) {
      const found = find(region, id);
      if (isOver(found))
        throw refusal('ValidationException', `Experiment ${id} is ${found.status} and cannot be stopped.`);
      end(found, 'stopped', 'Experiment stopped by user.');
      return found;
    },
  };
}

/** What the targets that are found suffer; null where none is found. */
function faultOf(template: ExperimentTemplate, id: string, world: World): Fault | null {
  const { tags, region } = template;
  const cluster = clusterIn(template);
  if (cluster !== null) {
    const names = assetsOf('eks-cluster', world.plan).flatMap(({ regions }) => regions[region]?.cluster ?? []);
    return names.includes(cluster) ? { id, kind: 'node-loss', region } : null;
  }
  const zone = zoneIn(template, world);
  const isTagged = tags['breakwater-drill'] === world.plan.application;
  return zone === null || !isTagged ? null : { id, kind: 'zone-impaired', zone };
}

function clusterIn({ action, tags }: ExperimentTemplate): string | null {
  return action === 'aws:ec2:terminate-instances' ? (tags['eks:cluster-name'] ?? '') : null;
}

/** A zone's id, by this account's name of it. */
function zoneIn({ filters, region }: ExperimentTemplate, { plan }: World): string | null {
  const [name] = filters['AvailabilityZone'] ?? [];
  return zonesOf(plan, region).find((one) => zoneName(plan, one) === name) ?? null;
}
