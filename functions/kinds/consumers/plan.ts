// What a plan says of `consumers`: what works in a region without a user, and must be on in one region alone.
import * as z from 'zod';
import { kindOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { must } from '../../domain/plan/issues.ts';
import { regionName } from '../../domain/plan/names.ts';
import { consumersOf, isInCluster } from './rules/listed.ts';
import { place } from './says/place-plan.ts';
import { rights } from './says/rights.ts';

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
      'kubernetes:PatchCronJob': switchedIn('cron job'),
    },
    services: ['lambda', 'scheduler', 'events'],
    standsIn: (region, { regions }) => {
      const here = regions[region];
      return here === undefined ? [] : consumersOf(here).map(({ id }) => id);
    },
    rights,
    connected: (_, { regions }) => Object.values(regions).some((here) => consumersOf(here).some(isInCluster)),
    /** Until what they write to has taken over, nothing may consume in the region that takes over. */
    wrongIn: ({ needs, regions }, path, { same, clusters }) => [
      ...must(
        needs.length > 0,
        `${path}.needs`,
        needs,
        'what they write to, which takes over first: the name of a database',
      ),
      ...Object.entries(regions).flatMap(([region, here]) => {
        const all = same.flatMap((one) => consumersOf(one.regions[region] ?? none));
        const known = clusters[region] ?? [];
        return consumersOf(here).flatMap((one) => {
          const at = `${path}.regions.${region}`;
          const twice = all.filter(({ id }) => id === one.id).length > 1;
          const of = isInCluster(one) ? known.find(({ cluster }) => cluster === one.cluster) : undefined;
          const isScaled =
            isInCluster(one) &&
            of?.deployments.some(({ namespace, name }) => namespace === one.namespace && name === one.name) === true;
          return [
            ...must(!twice, at, one.words, 'each consumer once: what is named twice is switched twice'),
            ...must(
              !isInCluster(one) || of !== undefined,
              at,
              one.words,
              `a cluster that an eks-cluster of the plan has in ${region}: ${known.map(({ cluster }) => cluster).join(', ') || 'there is none'}`,
            ),
            ...must(
              one.what !== 'deployment' || !isScaled,
              at,
              one.words,
              'no deployment that is in scale.deployments of its cluster too: that one runs before the database takes over',
            ),
          ];
        });
      }),
    ],
  },
);

const none = { mappings: [], schedules: [], rules: [], services: [], cronJobs: [], deployments: [] };

function switchedIn(what: string) {
  return (target: string, region: string) => `${what} ${target} in ${region} was switched`;
}
