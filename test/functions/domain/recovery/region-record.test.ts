// Tests of what the record of a region flow says it took and cost.
import { describe, expect, test } from 'vitest';
import { countsFrom } from '../../../../functions/domain/record/fault-clock.ts';
import { lossSeconds, measure } from '../../../../functions/domain/recovery/region-record.ts';

const now = Date.parse('2026-11-23T03:10:00Z');
const ago = (seconds: number) => now - seconds * 1000;

describe('the record', () => {
  const moments = {
    since: ago(900),
    from: { at: ago(940), what: 'last-served' as const },
    decidedAt: ago(800),
    startedAt: ago(790),
    approvals: [{ askedAt: ago(780), settledAt: ago(480) }],
    verifiedAt: now,
  };

  test('measures each part, and what people took apart from what the flow took', () => {
    expect(measure(moments)).toEqual({
      detectSeconds: 40,
      decideSeconds: 100,
      approvalSeconds: 300,
      executeSeconds: 490,
      recoverySeconds: 940,
      restoreSeconds: 900,
      countsFrom: moments.from,
    });
  });

  test('says null where nothing was verified or decided, rather than a good figure', () => {
    const from = countsFrom(moments.since, null);
    expect(measure({ ...moments, from, decidedAt: null, verifiedAt: null })).toEqual({
      detectSeconds: null,
      decideSeconds: null,
      approvalSeconds: 300,
      executeSeconds: null,
      recoverySeconds: null,
      restoreSeconds: null,
      countsFrom: from,
    });
  });

  test.for([
    ['what came after the last lag is lost as well', 'failover', { at: ago(90), lagSeconds: 4 }, 94],
    ['an unknown lag is an unknown loss', 'failover', { at: ago(90), lagSeconds: null }, null],
    ['no lag is an unknown loss, and not none', 'failover', null, null],
    ['a switchover waited for everything', 'switchover', null, 0],
  ] as const)('%s', ([, mode, last, loss]) => {
    expect(lossSeconds(mode, last, now)).toBe(loss);
  });
});
