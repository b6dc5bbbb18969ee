// The builds of CodeBuild: which projects there are, and how a build of one goes through its phases.
import { refusal } from '../calls/aws-error.ts';
import { uuid } from '../chance/random.ts';
import type { Caller } from '../types.ts';
import type { World } from '../world.ts';

export type Phase = {
  /** As CodeBuild calls it: BUILD. */
  readonly type: string;
  readonly seconds: number;
  /** What it does at its end; gives why it fails, or null. */
  readonly run?: () => Failure | null;
};

/** A command that ended with another status than 0, and what the scripts told. */
export type Failure = { readonly exit: number; readonly told: readonly string[] };

type Ran = {
  readonly type: string;
  readonly startedAt: number;
  endedAt: number | null;
  failure: Failure | null;
};

export type Build = {
  readonly id: string;
  readonly arn: string;
  readonly project: string;
  readonly region: string;
  readonly number: number;
  readonly startedAt: number;
  /** With which it was started, beside those of its project. */
  readonly variables: Variables;
  readonly phases: Ran[];
  endedAt: number | null;
};

/** The variables that a build was started with, beside those of its project. */
export type Variables = Readonly<Record<string, string>>;

export type Project = {
  readonly name: string;
  /** Null: it is in each region. */
  readonly region: string | null;
  /** What a build does; asked when it starts. */
  readonly phases: (build: Build, variables: Variables, caller: Caller) => readonly Phase[];
  /** Whether a build changes something that a flow has to have a record of. */
  readonly changes: (variables: Variables) => boolean;
};

export type Builds = {
  define(project: Project): void;
  /** `fresh`: false where the token was known. @throws ResourceNotFoundException for a project that is not there */
  start(
    name: string,
    region: string,
    token: string | null,
    variables: Variables,
    caller: Caller,
  ): { build: Build; fresh: boolean };
  changes(name: string, variables: Variables): boolean;
  list(region: string): Build[];
};

/** CodeBuild knows a token for so long [AWS, StartBuild]. */
const tokenLastsMs = 300_000;

export function createBuilds(world: World): Builds {
  const projects: Project[] = [];
  const builds: Build[] = [];
  const tokens = new Map<string, Build>();

  const find = (name: string, region: string): Project => {
    const project = projects.find((one) => one.name === name && (one.region ?? region) === region);
    if (project !== undefined) return project;
    const arn = `arn:aws:codebuild:${region}:${world.account}:project/${name}`;
    throw refusal('ResourceNotFoundException', `Project cannot be found: ${arn}`);
  };

  const tell = (build: Build): void => {
    world.emit({
      region: build.region,
      source: 'aws.codebuild',
      type: 'CodeBuild Build State Change',
      resources: [build.arn],
      detail: {
        'build-status': statusOf(build),
        'project-name': build.project,
        'build-id': build.arn,
        'current-phase': build.endedAt === null ? 'SUBMITTED' : 'COMPLETED',
        'current-phase-context': '[]',
        'additional-information': {
          environment: {
            'environment-variables': Object.entries(build.variables).map(([name, value]) => ({
              ...{ name, value, type: 'PLAINTEXT' },
            })),
          },
          logs: { 'deep-link': logOf(build) },
          phases: build.phases.map(({ type, failure }) => ({
            'phase-type': type,
            'phase-status': failure === null ? 'SUCCEEDED' : 'FAILED',
            'phase-context': failure === null ? [] : [`COMMAND_EXECUTION_ERROR: ${reasonOf(failure)}`],
          })),
        },
        version: '1',
      },
    });
  };

  const end = (build: Build): void => {
    build.endedAt = world.now();
    tell(build);
  };

  /** A phase that fails ends the build; only what stands behind a failed BUILD, POST_BUILD, is gone through all the same. */
  const go = (build: Build, [phase, ...others]: readonly Phase[]): void => {
    if (phase === undefined) {
      end(build);
      return;
    }
    const ran: Ran = { type: phase.type, startedAt: world.now(), endedAt: null, failure: null };
    build.phases.push(ran);
    world.after(phase.seconds, () => {
      ran.endedAt = world.now();
      const hasFailed = build.phases.some(({ failure }) => failure !== null);
      ran.failure = hasFailed ? null : (phase.run?.() ?? null);
      const goesOn = ran.failure === null || phase.type === 'BUILD';
      go(build, goesOn ? others : []);
    });
  };

  return {
    define: (project) => void projects.push(project),
    start(name, region, token, variables, caller) {
      const project = find(name, region);
      const known = token === null ? undefined : tokens.get(`${region} ${name} ${token}`);
      if (known !== undefined && world.now() - known.startedAt < tokenLastsMs) return { build: known, fresh: false };
      const id = `${name}:${uuid(world.chances.ids)}`;
      const arn = `arn:aws:codebuild:${region}:${world.account}:build/${id}`;
      const number = builds.length + 1;
      const build: Build = {
        id,
        arn,
        project: name,
        region,
        number,
        startedAt: world.now(),
        variables,
        phases: [],
        endedAt: null,
      };
      builds.push(build);
      if (token !== null) tokens.set(`${region} ${name} ${token}`, build);
      tell(build);
      go(build, project.phases(build, variables, caller));
      return { build, fresh: true };
    },
    changes: (name, variables) => projects.find((one) => one.name === name)?.changes(variables) ?? false,
    list: (region) => builds.filter((build) => build.region === region),
  };
}

/** Where its log is read. */
export function logOf({ project, region, id }: Build): string {
  const group = encodeURIComponent(`/aws/vendedlogs/codebuild/${project}`);
  const stream = id.slice(id.indexOf(':') + 1);
  return `https://console.aws.amazon.com/cloudwatch/home?region=${region}#logsV2:log-groups/log-group/${group}/log-events/${stream}`;
}

/** As CodeBuild says it of a command. */
export function reasonOf({ exit }: Failure): string {
  return `Error while executing command: bash scripts/recover.sh. Reason: exit status ${exit}`;
}

export function statusOf({ endedAt, phases }: Build): 'IN_PROGRESS' | 'SUCCEEDED' | 'FAILED' {
  if (endedAt === null) return 'IN_PROGRESS';
  return phases.some(({ failure }) => failure !== null) ? 'FAILED' : 'SUCCEEDED';
}
