// What a plan says of an `ecs-service`: an ECS service in each region, and how many of its tasks serve users there.
import * as z from 'zod';
import { kindOf, namesOf } from '../../domain/kind/kind.ts';
import { assetKeys } from '../../domain/plan/asset-keys.ts';
import { regionName } from '../../domain/plan/names.ts';
import { rights } from './rights.ts';

/** As ECS takes them [AWS, CreateCluster and CreateService]. */
const name = z.string().regex(/^[A-Za-z0-9_-]{1,255}$/, 'a name: letters, digits, - and _');

export const ecsService = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('ecs-service'),
    /** desiredCount: the tasks that a region runs when it serves; within the limits of the service's auto scaling, if it has one. */
    regions: z.record(
      regionName,
      z.strictObject({ cluster: name, service: name, desiredCount: z.int().positive().max(5_000) }),
    ),
  }),
  {
    verbs: { 'take-over': 'by-waiver', 'fence-late': 'by-waiver' },
    checks: ['service'],
    called: 'service',
    leaves: {
      'ecs:UpdateService': (target, region) => `${target} in ${region} runs as many tasks as it was given`,
    },
    services: ['ecs', 'application-autoscaling'],
    standsIn: (region, { regions }) => {
      const place = regions[region];
      return namesOf(place && `${place.cluster}/${place.service}`);
    },
    rights,
  },
);
