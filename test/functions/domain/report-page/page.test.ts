// The page of a report: what the picture shows stands below it as a table, in order of time.
import { expect, test } from 'vitest';
import type { Bar } from '../../../../functions/domain/report/facts.ts';
import { reportPage } from '../../../../functions/domain/report-page/page.ts';
import { bare } from '../../../reports.ts';

const zero = Date.parse('2026-11-03T03:00:00.000Z');
const time = (seconds: number | null) => (seconds === null ? null : new Date(zero + seconds * 1_000).toISOString());
const bar = (name: string, from: number | null, to: number | null): Bar => ({
  ...{ name, from: time(from), to: time(to), outcome: 'succeeded' },
  ...{ attempts: null, critical: false, predictedSeconds: null },
});

test('the table of the timeline is in order of time, over all lanes', () => {
  const lanes = [
    { name: 'flow', bars: [bar('part 4', 90, 100), bar('part 3', null, 60)] },
    { name: 'users', bars: [bar('part 2', 30, null), bar('part 1', null, null), bar('part 5', 120, 130)] },
  ];
  const timeline = { ...bare.timeline, zeroAt: new Date(zero).toISOString(), lanes };
  const [, table = ''] = reportPage({ ...bare, timeline }, []).split('Parts of the recovery');
  const rows = [...table.matchAll(/part \d/g)].map(([name]) => name);
  expect(rows).toEqual(['part 1', 'part 2', 'part 3', 'part 4', 'part 5']);
});
