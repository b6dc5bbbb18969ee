// What outlasts the planned work on a zone: the zone is not well, whatever the work explains, and may be lost itself.
import { describe, expect, test } from 'vitest';
import { classify } from '../../../../../functions/domain/evidence/classify.ts';
import type { Signal } from '../../../../../functions/domain/types.ts';
import { plan } from '../../../../plan.ts';
import * as saw from '../sightings.ts';
import { after, az1, az2, region } from '../sightings.ts';

const { components } = plan.evidence.zone;
const names = ['database-latency', 'cluster-nodes-notready', 'api-5xx', 'cache-status', 'ingress-5xx'];
const found = (...signals: Signal[]) => classify(signals, region, plan, after(400));
const lost = saw.alarms(names, az1, 0);

describe('planned work on a zone is over, and the zone is as it was, when', () => {
  const work = saw.maintenance('started', [az2], -2_000, 600);
  const broken = saw.alarms(names, az2, -1_990);
  const users = ['eu-west-1', 'ap-southeast-1', 'us-west-2'].map((observer) => saw.canary(observer, 0));

  test('another zone is lost: it is not left for the one that is not well', () => {
    expect(found(work, ...lost)).toMatchObject({ level: 2, scope: { zone: az1 } });
    expect(found(work, ...broken, ...lost)).toMatchObject({ level: 'unknown', indication: 'zone-lost-others-unseen' });
    expect(found(work, ...broken.slice(0, components - 1), ...lost).level).toBe('unknown');
  });

  test('another zone is lost, and users fail: people are asked about the region', () => {
    expect(found(work, ...broken, ...lost, ...users)).toMatchObject({ level: 3, indication: 'region-lost' });
    // While the work goes on it explains what fails there.
    const longer = saw.maintenance('started', [az2], -2_000, 2_400);
    expect(found(longer, ...broken, ...lost, ...users).level).toBe('unknown');
  });

  test('no other zone is lost: nothing is moved for that alone', () => {
    expect(found(work, ...broken)).toMatchObject({ level: 'unknown', indication: 'zone-lost-or-explained' });
  });
});
