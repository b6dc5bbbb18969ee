// What the dashboard reads from logs: each filter finds its figure in the lines that the functions write in a drill.
import { beforeAll, expect, test } from 'vitest';
import { noteCovered } from '../../functions/shared/covered.ts';
import { measures } from '../../infrastructure/measures.ts';
import { describeStack } from '../../infrastructure/values.ts';
import { runDrill } from '../../simulator/drill.ts';
import { setting, start } from '../functions/setting.ts';
import { plan } from '../plan.ts';
import { incidentOf } from '../store/samples.ts';

type Line = Readonly<Record<string, unknown>>;
type Filter = {
  FilterPattern: string;
  MetricTransformations: { MetricName: string; MetricValue: string; Dimensions?: { Value: string }[] }[];
};

const outages = ['az-outage', 'region-outage'];
const lines: Line[] = [];
let filters: [string, Filter][];

beforeAll(async () => {
  for (const scenario of [...outages, 'drill-overdue']) {
    const overheard = (where: string, text: string) => {
      const [, message, details] = /^([^{]+) (\{.*\})$/s.exec(text) ?? [];
      if (where === 'log' && details !== undefined) lines.push({ scenario, message, ...JSON.parse(details) });
    };
    await runDrill({ scenario, seed: 1, plan, overheard });
  }
  await cover();
  const given = async (name: string) => (name === 'addresses' ? 'elsewhere' : null);
  const stack = await describeStack(plan, { region: plan.roles.primary, stage: 'prod', named: ['addresses'], given });
  filters = Object.entries(measures(stack)).map(([id, { Properties }]) => [id, Properties as unknown as Filter]);
}, 240_000);

/** The look at which a region that was given up is ready again: no drill of these lasts so long. */
async function cover(): Promise<void> {
  const { primary: region, standby: serving } = plan.roles;
  const info = (message: string, details = {}) => void lines.push({ message, ...details });
  const shell = setting({ region, log: { ...setting().log, info } });
  const { store } = shell;
  const { id } = incidentOf({});
  await store.writeIncident(incidentOf({}));
  const outcome = { from: region, to: serving, mode: 'failover' };
  await store.recordStep({ incident: id, execution: 'one', step: 'record-failover', at: start, outcome });
  await noteCovered({ region, at: start, checks: [], coveredAt: start }, { primary: serving }, shell);
}

/** Whether a line meets a pattern of CloudWatch Logs, of the kind that is used here: `{ $.a = "x" && $.b >= 0 }`. */
function meets(line: Line, pattern: string): boolean {
  return pattern
    .slice(2, -2)
    .split(' && ')
    .every((condition) => {
      const [, field = '', operator, value = ''] = /^\$\.(\w+) (=|>=) (.+)$/.exec(condition) ?? [];
      if (operator === undefined) throw new Error(`nobody knows what ${condition} asks for`);
      const found = line[field];
      if (value === '"*"') return typeof found === 'string'; // a wildcard: any text
      return operator === '=' ? found === JSON.parse(value) : typeof found === 'number' && found >= Number(value);
    });
}

test('each filter finds lines, and in each of them its figure and its dimension', () => {
  expect(filters.length).toBeGreaterThan(8);
  const never = filters.filter(([, { FilterPattern }]) => !lines.some((line) => meets(line, FilterPattern)));
  expect(never.map(([id]) => id)).toEqual([]);
  for (const [id, { FilterPattern, MetricTransformations }] of filters) {
    expect(MetricTransformations, id).toHaveLength(1);
    for (const { MetricValue, Dimensions = [] } of MetricTransformations)
      for (const line of lines.filter((one) => meets(one, FilterPattern)))
        for (const path of [MetricValue, ...Dimensions.map(({ Value }) => Value)].filter((one) => one.startsWith('$.')))
          expect(line[path.slice(2)] ?? null, `${id} ${path}`).not.toBeNull();
  }
});

test('a drill of a zone opens one incident, and its decisions are told apart by their action', () => {
  const [, opened] =
    filters.find(([, { MetricTransformations }]) => MetricTransformations[0]?.MetricName === 'Incidents') ?? [];
  const ofOutages = lines.filter(({ scenario }) => outages.includes(String(scenario)));
  const incidents = ofOutages.filter((line) => meets(line, opened?.FilterPattern ?? ''));
  expect(new Set(incidents.map(({ incident }) => incident)).size).toBe(2); // one of each drill
  expect(new Set(lines.filter(({ message }) => message === 'decided').map(({ action }) => action))).toContain(
    'az-failover',
  );
});
