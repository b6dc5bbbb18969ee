// What a plan says of `consumers`: what works in a region without a user, and must be on in one region alone.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { kindOf } from '../../domain/kind.ts';
import { regionName } from '../../domain/names.ts';
import { must } from '../../domain/plan/issues.ts';
import { consumersOf } from './listed.ts';
import { place } from './place-plan.ts';
import { rights } from './rights.ts';

export const consumers = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('consumers'),
    regions: z.record(regionName, place),
  }),
  {
    verbs: { fence: 'where-unfenced', unfence: 'never', 'take-over': 'by-waiver', 'fence-late': 'by-waiver' },
    endsWithNeeds: true,
    checks: ['consumers'],
    called: 'consumers',
    leaves: {
      'lambda:UpdateEventSourceMapping': switchedIn('event source mapping'),
      'scheduler:UpdateSchedule': switchedIn('schedule'),
      'eventbridge:EnableRule': switchedIn('rule'),
      'eventbridge:DisableRule': switchedIn('rule'),
    },
    standsIn: (region, { regions }) => {
      const here = regions[region];
      return here === undefined ? [] : consumersOf(here).map(({ id }) => id);
    },
    rights,
    /** Until what they write to has taken over, nothing may consume in the region that takes over. */
    wrongIn: ({ needs }, path) =>
      must(
        needs.length > 0,
        `${path}.needs`,
        needs,
        'what they write to, which takes over first: the name of a database',
      ),
  },
);

function switchedIn(what: string) {
  return (target: string, region: string) => `${what} ${target} in ${region} was switched`;
}
