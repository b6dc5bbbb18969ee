// What the dashboard shows: each figure stands in a line of a function's log, as CloudWatch reads it, and is the one of the record.
import { beforeAll, expect, test } from 'vitest';
import { clocksOfFlow, metricOf } from '../../functions/domain/figures.ts';
import { handler as record } from '../../functions/record-recovery.ts';
import { noteCovered } from '../../functions/shared/recovery/covered.ts';
import { describeStack } from '../../infrastructure/values.ts';
import { dashboard } from '../../infrastructure/watching/dashboard.ts';
import { embeddedMetrics } from '../../simulator/aws/metrics/embedded-metrics.ts';
import { runDrill } from '../../simulator/drill/drill.ts';
import { incident, openIncident, setting, start } from '../functions/setting.ts';
import { shipped as plan } from '../shipped.ts';
import { incidentOf } from '../store/samples.ts';

type Figure = ReturnType<typeof embeddedMetrics>[number] & { readonly scenario: string };

const prefix = 'breakwater-prod';
const figures: Figure[] = [];
const lines: Readonly<Record<string, unknown>>[] = [];

beforeAll(async () => {
  for (const scenario of ['az-outage', 'region-outage', 'drill-overdue']) {
    const overheard = (where: string, text: string) => {
      const [, message, details = '{}'] = /^([^{]+) (\{.*\})$/s.exec(text) ?? [];
      if (where === 'log') keep(scenario, { message, ...JSON.parse(details) });
    };
    await runDrill({ scenario, seed: 1, plan, overheard });
  }
  await leave();
  await cover();
}, 240_000);

function keep(scenario: string, line: Readonly<Record<string, unknown>>): void {
  lines.push({ scenario, ...line });
  const at = (line['_aws'] as { Timestamp?: number } | undefined)?.Timestamp ?? 0;
  for (const figure of embeddedMetrics(line, at)) figures.push({ ...figure, scenario });
}

/** A zone that canaries saw fail: those of the drills go on to see some users served. */
async function leave(): Promise<void> {
  const info = (message: string, details = {}) => keep('seen', { message, ...details });
  const shell = setting({ log: { ...setting().log, info } });
  await shell.store.writeIncident({ ...openIncident, lastServedAt: start - 30_000 });
  await record.on(shell)({ incident, moved: {}, verified: { verifiedAt: start + 95_000 } });
}

/** The look at which a region that was given up is ready again: no drill of these lasts so long. */
async function cover(): Promise<void> {
  const { primary: region, standby: serving } = plan.roles;
  const info = (message: string, details = {}) => keep('covered', { message, ...details });
  const shell = setting({ region, log: { ...setting().log, info } });
  const { store } = shell;
  const { id } = incidentOf({});
  await store.writeIncident(incidentOf({}));
  const outcome = { from: region, to: serving, mode: 'failover' };
  await store.recordStep({ incident: id, execution: 'one', step: 'record-failover', at: start, outcome });
  await noteCovered({ region, at: start, checks: [], coveredAt: start }, { primary: serving }, shell);
}

/** The lines of all graphs that are of the stack's own namespace, and that a log gives: name and dimensions. */
async function drawn(): Promise<{ name: string; dimensions: Record<string, string> }[]> {
  const given = async (name: string) => (name === 'addresses' ? 'elsewhere' : null);
  const stack = await describeStack(plan, { region: plan.roles.primary, stage: 'prod', named: ['addresses'], given });
  const { Dashboard } = dashboard(stack);
  const { 'Fn::Sub': body = '{}' } = (Dashboard?.Properties['DashboardBody'] ?? {}) as { 'Fn::Sub'?: string };
  const widgets = (JSON.parse(body) as { widgets: { properties: { metrics?: unknown[][] } }[] }).widgets;
  const written = ['ReadinessLost', 'Heartbeat', 'Probe', 'Canary', 'ReplicaLag'];
  return widgets
    .flatMap(({ properties }) => properties.metrics ?? [])
    .filter(([namespace, name]) => namespace === prefix && !written.includes(String(name)))
    .map(([, name, ...rest]) => {
      const words = rest.filter((one) => typeof one === 'string');
      return { name: String(name), dimensions: words.length === 0 ? {} : { [String(words[0])]: String(words[1]) } };
    });
}

test('each clock of each flow that moves something is emitted, that of a zone too, with the number of its record', () => {
  for (const [flow, clocks] of Object.entries(clocksOfFlow))
    for (const clock of clocks) {
      const own = figures.filter(({ name, dimensions }) => name === metricOf(clock) && dimensions['Flow'] === flow);
      expect(own.length, `${flow} ${clock}`).toBeGreaterThan(0);
    }
  const recorded = lines.filter(({ message }) => message === 'recovered' || message === 'failed over');
  expect(recorded).toHaveLength(3);
  for (const { message, scenario, ...line } of recorded) {
    const flow = message === 'recovered' ? 'az-failover' : 'region-failover';
    for (const clock of clocksOfFlow[flow]) {
      if (!(clock in line)) continue;
      const own = figures.filter((one) => one.scenario === scenario && one.name === metricOf(clock));
      expect(
        own.map(({ value }) => value),
        `${flow} ${clock}`,
      ).toEqual(line[clock] === null ? [] : [line[clock]]); // what is not known is no figure
    }
  }
});

test('what the dashboard draws is what is emitted, by name and dimension', async () => {
  const graphs = await drawn();
  expect(graphs.length).toBeGreaterThan(15);
  const isDrawn = ({ name, dimensions }: Figure) =>
    graphs.some((one) => one.name === name && JSON.stringify(one.dimensions) === JSON.stringify(dimensions));
  const known = figures.filter(({ dimensions }) => dimensions['Drill'] === undefined); // scenarios name their drills themselves
  expect(known.filter((one) => !isDrawn(one))).toEqual([]);
  for (const name of new Set(graphs.map((one) => one.name)))
    expect(
      figures.map((one) => one.name),
      name,
    ).toContain(name);
});

test('a drill of a zone opens one incident, and its decisions are told apart by their action', () => {
  const named = (name: string) => figures.filter((one) => one.name === name);
  const opened = named('Incidents').filter(({ scenario }) => scenario.endsWith('-outage'));
  expect(opened.map(({ scenario }) => scenario)).toEqual(['az-outage', 'region-outage']);
  expect(named('Decisions').map(({ dimensions }) => dimensions['Action'])).toContain('az-failover');
  expect(named('LastedSeconds').length).toBeGreaterThan(0);
});

test.for<[string, object]>([
  ['a value that is no number', { A: '1' }],
  ['a value that is missing', {}],
  ['a dimension that is no text', { A: 1, D: 2 }],
  ['a dimension beyond ASCII', { A: 1, D: 'Prüfung' }],
  ['a dimension of white space', { A: 1, D: ' ' }],
])('CloudWatch would drop %s: the twin refuses the line', ([, members]) => {
  const line = (given: object) => ({
    _aws: {
      Timestamp: start,
      CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [['D']], Metrics: [{ Name: 'A', Unit: 'Count' }] }],
    },
    ...given,
  });
  expect(embeddedMetrics(line({ A: 1, D: 'x' }), start)).toEqual([
    { namespace: 'n', name: 'A', dimensions: { D: 'x' }, value: 1 },
  ]);
  expect(() => embeddedMetrics(line({ D: 'x', ...members }), start)).toThrow();
});

test.for<[string, object]>([
  ['no time', { CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [[]], Metrics: [{ Name: 'A' }] }] }],
  [
    'a time of last month',
    {
      Timestamp: start - 30 * 86_400_000,
      CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [[]], Metrics: [{ Name: 'A' }] }],
    },
  ],
  ['no namespace', { Timestamp: start, CloudWatchMetrics: [{ Dimensions: [[]], Metrics: [{ Name: 'A' }] }] }],
  [
    'no set of dimensions',
    { Timestamp: start, CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [], Metrics: [{ Name: 'A' }] }] },
  ],
  [
    'a unit that is none',
    {
      Timestamp: start,
      CloudWatchMetrics: [{ Namespace: 'n', Dimensions: [[]], Metrics: [{ Name: 'A', Unit: 'Minutes' }] }],
    },
  ],
])('nor is a line with %s one', ([, _aws]) => {
  expect(() => embeddedMetrics({ _aws, A: 1 }, start)).toThrow();
});
