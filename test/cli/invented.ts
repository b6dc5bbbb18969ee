// An invented drill and a terminal that remembers: what the tests of the command line are fed with.
import { join } from 'node:path';
import type { BenchWith } from '../../cli/bench/bench.ts';
import { breakwater } from '../../cli/breakwater.ts';
import type { LiveSeed } from '../../cli/campaign/campaign.ts';
import type { PutStack } from '../../cli/deploy.ts';
import type { RunDrill } from '../../cli/drill.ts';
import type { JudgeSeed } from '../../cli/judge.ts';
import type { Terminal } from '../../cli/screen/terminal.ts';
import type { DrillResult, DrillRun, Progress } from '../../simulator/drill/result.ts';
import { ofDrill } from '../reports.ts';
import { shippedFile } from '../shipped.ts';

export const root = join(import.meta.dirname, '..', '..');
export const fixture = (file: string) => join(root, file);

/** Progress without its time, as it is written down in a test. */
type Untimed<P> = P extends { readonly at: number } ? Omit<P, 'at'> : never;
export type Moment = readonly [seconds: number, progress: Untimed<Progress>];

const faultAt = Date.UTC(2026, 0, 5, 9, 10, 0);

/** As a drill tells it: from when its times count comes first. */
export function progressOf(moments: readonly Moment[]): Progress[] {
  const all: readonly Moment[] = [[0, { kind: 'zero' }], ...moments];
  return all.map(([seconds, progress]) => ({ ...progress, at: faultAt + seconds * 1000 }) as Progress);
}

const iso = (seconds: number) => new Date(faultAt + seconds * 1000).toISOString();
const invariantIds = [
  'one-writer',
  'approved',
  'in-scope',
  'served-then-redirect',
  'one-execution',
  'bounded',
  'honest-loss',
  'audited',
  'repeatable',
];

/** A zone outage that went as it should. */
export const passed: DrillResult = {
  scenario: 'az-outage',
  seed: 7,
  incident: {
    id: 'i-1',
    level: 2,
    scope: { region: 'us-east-1', zone: 'use1-az1' },
    openedAt: iso(45),
    closedAt: iso(3000),
  },
  otherIncidents: [],
  decisions: [
    {
      at: iso(120),
      action: 'az-failover',
      level: 2,
      scope: { region: 'us-east-1', zone: 'use1-az1' },
      reason: 'zone use1-az1 failed',
      evidence: ['a', 'b'],
    },
  ],
  executions: [
    {
      stateMachine: 'az-failover',
      name: 'i-1-1',
      region: 'us-east-1',
      status: 'SUCCEEDED',
      startedAt: iso(121),
      endedAt: iso(3010),
    },
  ],
  steps: [],
  approvals: [],
  clocks: {
    detectSeconds: 45,
    decideSeconds: 75,
    approvalSeconds: null,
    executeSeconds: 131,
    unprotectedSeconds: 0,
    recoverySeconds: 252,
  },
  dataLoss: { reportedSeconds: 0, actualSeconds: 0, lostWrites: 0, divergedWrites: 0 },
  predicted: null,
  objectives: { rtoSeconds: 14400, rpoSeconds: 3600, mttrSeconds: 7200, rtoMet: true, rpoMet: true },
  overhead: { criticalPathSeconds: 120, addedSeconds: 11, ratio: 1.092 },
  invariants: invariantIds.map((id) => ({ id, held: true })),
  notifications: ['on-call', 'dba', 'on-call'].map((role) => ({ at: iso(122), role, channel: 'email', subject: 'x' })),
  mutations: ['StartZonalShift', 'StartZonalShift'].map((operation) => ({
    at: iso(123),
    service: 'arc-zonal-shift',
    operation,
    region: 'us-east-1',
    target: 'chatops',
    step: 'LeaveZone/cluster',
  })),
  end: {
    assets: [
      { name: 'database', kind: 'rds-instance', region: 'us-east-1', zone: 'use1-az2', serves: true },
      { name: 'cache', kind: 'elasticache', region: 'us-east-1', zone: 'use1-az4', serves: true },
    ],
    databaseZone: 'use1-az2',
    databaseRegion: 'us-east-1',
    cacheZone: 'use1-az4',
    cacheRegion: 'us-east-1',
    usersRegion: 'us-east-1',
    served: true,
  },
};

/** A drill engine that tells what it is given, remembers what it was asked, and reports where it is asked to. */
export function inventedEngine(run: DrillRun, progress: readonly Progress[] = []) {
  const asked: Parameters<RunDrill>[0][] = [];
  const engine: RunDrill = async (options) => {
    asked.push(options);
    for (const one of progress) options.onProgress?.(one);
    const report = options.report === true ? { report: ofDrill(run.result.scenario, run.result.seed) } : {};
    return { ...run, ...report };
  };
  return { asked, engine };
}

export type Ran = { readonly status: number; readonly out: string; readonly err: string };

/** These take plan.yml where none is named; tests name the plan as it is shipped, since plan.yml may say anything. */
const withPlan = ['drill', 'bench', 'check', 'judge', 'replay', 'cost', 'package', 'faults'];

function named(args: readonly string[]): readonly string[] {
  const [verb = '', ...others] = args;
  const takesNone = !withPlan.includes(verb) || others.some((one) => one === '--help' || /plan(=|$)/.test(one));
  return takesNone ? args : [verb, '--plan', shippedFile, ...others];
}

/** Runs one command line as a terminal of 100 columns would. */
export async function run(
  args: readonly string[],
  engine?: RunDrill,
  options: Partial<Terminal> = {},
  judge?: JudgeSeed,
  stacks?: PutStack,
  live?: LiveSeed,
  bench?: BenchWith,
): Promise<Ran> {
  const written = { out: '', err: '' };
  const terminal: Terminal = {
    out: (text) => {
      written.out += text;
    },
    err: (text) => {
      written.err += text;
    },
    rich: false,
    columns: 100,
    debug: false,
    ...options,
  };
  const status = await breakwater(named(args), terminal, engine, judge, stacks, live, bench);
  return { status, ...written };
}

/** Whether a text would steer a terminal. */
export function hasControlCharacters(text: string): boolean {
  return /[^\P{Cc}\n]/u.test(text);
}
