// Scenarios of public reports, where these lie beside the repository: each ends as people would expect, unchanged but for what it expects.
import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { parse, stringify } from 'yaml';
import { runDrill } from '../../simulator/drill/drill.ts';
import { parseScenario } from '../../simulator/playing/scenario.ts';
import { shipped as plan } from '../shipped.ts';

const folder = new URL('../../../shared/field-reports/', import.meta.url);
const absent = !existsSync(folder);
if (absent) process.stdout.write(`skipped: no field reports at ${folder.pathname}\n`);

/** What people would expect, beside all invariants. */
const expected = {
  // The cache never takes over, so that users are sent nowhere and the flow pauses. The old region serves them when it returns: it is not
  // fenced while it does, and people choose.
  'r10-fence-on-return/h-fence-on-return': {
    level: 3,
    actions: ['request-approval'],
    executions: ['region-failover FAILED'],
    failedSteps: ['TakeOver/cache'],
    served: true,
    requests: 1,
    divergedWrites: 'some',
    told: ['CHOOSE NOW: us-east-1 serves users again', 'you are needed: PAUSED'],
    notified: ['level3', 'failure'],
  },
  // What the old region took meanwhile is lost only where people have approved that.
  'r10-fence-on-return/h-late-redrive': {
    level: 3,
    actions: ['request-approval'],
    executions: ['region-failover SUCCEEDED'],
    usersRegion: 'us-west-2',
    databaseRegion: 'us-west-2',
    requests: 2,
    divergedWrites: 'some',
    notified: ['level3', 'failure'],
  },
  // Traffic stays out of the zone for as long as it is bad.
  'r22-autoshift-ends/h-autoshift-ends': {
    level: 2,
    zone: 'use1-az1',
    actions: ['notify', 'az-failover'],
    executions: ['service-degradation SUCCEEDED', 'az-failover SUCCEEDED'],
    databaseMoved: true,
    lostWrites: 'none',
    mutations: 'some',
    notified: ['level2'],
  },
} as const;

describe.skipIf(absent)('a field report', () => {
  test.for(Object.entries(expected))('%s ends as people would expect', async ([file, wanted]) => {
    const raw = parse(readFileSync(new URL(`${file}.yml`, folder), 'utf8'));
    const name = file.split('/')[1] ?? file;
    const endsOpen = 'served' in wanted;
    const written = parseScenario(name, stringify({ ...raw, endsOpen, expect: wanted }));
    const { result, misses } = await runDrill({ scenario: name, written, seed: 1, plan });
    // Where a fault lasts longer than the drill may, nothing has settled: the watch stops the cluster once users have left it.
    const unsettled = endsOpen ? [expect.stringMatching(/^execution .*-fence$/), 'end'] : [];
    expect(misses.map(({ what }) => what)).toEqual(unsettled);
    const isLeft = (id: string) => endsOpen && id === 'bounded';
    expect(result.invariants.filter(({ id, held }) => !held && !isLeft(id))).toEqual([]);
  });
});
