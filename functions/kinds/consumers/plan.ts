// What a plan says of `consumers`: what works in a region without a user, and must be on in one region alone.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { kindOf } from '../../domain/kind.ts';
import { assetName, regionName } from '../../domain/names.ts';
import { consumersOf, place } from './listed.ts';
import { rights } from './rights.ts';

export const consumers = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('consumers'),
    /** What they write to takes over first: until then nothing may consume in the region that takes over. */
    needs: z.array(assetName).min(1, 'what they write to, which takes over first: the name of a database'),
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
  },
);

function switchedIn(what: string) {
  return (target: string, region: string) => `${what} ${target} in ${region} was switched`;
}
