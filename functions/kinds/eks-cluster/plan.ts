// What a plan says of an `eks-cluster`: where the application runs in each region.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { kindOf, namesOf } from '../../domain/kind.ts';
import { clusterName, regionName } from '../../domain/names.ts';
import { rights } from './rights.ts';
import { findingsIn } from './stability.ts';

export const eksCluster = kindOf(
  z.strictObject({
    ...assetKeys,
    kind: z.literal('eks-cluster'),
    /** warm: it runs with the capacity to serve. */
    regions: z.record(regionName, z.strictObject({ cluster: clusterName, warm: z.boolean() })),
  }),
  {
    verbs: { 'leave-zone': 'by-waiver', 'take-over': 'by-waiver' },
    checks: ['cluster'],
    connected: (verb) => verb === 'take-over',
    called: 'cluster',
    standsIn: (region, { regions }) => namesOf(regions[region]?.cluster),
    shiftedIn: (region, account, { regions }) =>
      namesOf(regions[region]?.cluster).map((id) => `arn:aws:eks:${region}:${account}:cluster/${id}`),
    rights,
    findingsIn,
  },
);
