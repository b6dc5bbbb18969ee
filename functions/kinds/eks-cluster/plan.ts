// What a plan says of an `eks-cluster`: where the application runs in each region.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { clusterName, regionName } from '../../domain/names.ts';

export const eksCluster = z.strictObject({
  ...assetKeys,
  kind: z.literal('eks-cluster'),
  /** warm: it runs with the capacity to serve. */
  regions: z.record(regionName, z.strictObject({ cluster: clusterName, warm: z.boolean() })),
});
