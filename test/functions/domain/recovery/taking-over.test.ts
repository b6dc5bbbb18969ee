// What is wrong with the region that takes over, for people who give another one up for it.
import { expect, test } from 'vitest';
import {
  isInTrouble,
  seeTakingOver,
  takingOverSentences,
  takingOverShown,
} from '../../../../functions/domain/recovery/taking-over.ts';
import { plan } from '../../../plan.ts';
import { at, incidentOf } from '../../../store/samples.ts';
import { probe, region, start } from '../evidence/sightings.ts';

const well = { region, incident: null, controlPlanes: [] };
const incident = { id: 'i-1', level: 2, place: 'use1-az1', since: at, reason: 'zone use1-az1 failed' } as const;

test('its open incident is told with what was decided last, and each control plane that fails', () => {
  const [decision] = incidentOf({}).decisions;
  if (decision === undefined) throw new Error('the incident has a decision');
  const over = { ...decision, action: 'none' as const, reason: 'it is over' };
  const open = incidentOf({ decisions: [decision, over] });
  const now = start + 60_000;
  expect(seeTakingOver(region, open, [probe('rds', 10)], plan, now)).toEqual({
    ...{ region, controlPlanes: ['rds'] },
    incident: {
      ...{ id: 'incident-1', level: 2, place: 'use1-az1', since: at },
      reason: expect.stringContaining('zone use1-az1 failed'),
    },
  });
  const undecided = seeTakingOver(region, incidentOf({ decisions: [over] }), [], plan, now);
  expect(undecided.incident?.reason).toBe('nothing was decided yet');
  expect(seeTakingOver(region, null, [], plan, now)).toEqual(well);
});

test.for([
  ['all is well', well, false],
  ['it has an incident', { ...well, incident }, true],
  ['a control plane fails', { ...well, controlPlanes: ['rds'] }, true],
] as const)('people should think twice where %s: %2$s', ([, seen, twice]) => {
  expect(isInTrouble(seen as never)).toBe(twice);
});

const own =
  'us-east-1 has an open incident of its own, i-1, since 3 Nov 2026, 03:00 UTC: level 2, zone failure in use1-az1: zone use1-az1 failed.';
const silent = 'Control planes of us-east-1 do not answer: rds, eks.';
test.for([
  ['nothing', well, ['us-east-1 has no open incident of its own, and none of its control planes is known to fail.']],
  ['an incident', { ...well, incident }, [own]],
  ['control planes', { ...well, controlPlanes: ['rds', 'eks'] }, [silent]],
  ['both', { region, incident, controlPlanes: ['rds', 'eks'] }, [own, silent]],
] as const)('in sentences: %s', ([, seen, sentences]) => {
  expect(takingOverSentences(seen as never)).toEqual(sentences);
});

test('what is damaged, or was not kept, says nothing', () => {
  expect(takingOverShown.parse({ ...well, incident })).toEqual({ ...well, incident });
  for (const other of [null, undefined, 'x', { ...well, incident: { ...incident, level: 7 } }])
    expect(takingOverShown.parse(other)).toBeNull();
});
