// What a plan says of an `rds-instance`: one database, which the standby region holds as a replica.
import * as z from 'zod';
import { assetKeys } from '../../domain/asset-keys.ts';
import { databaseName, regionName, securityGroupName } from '../../domain/names.ts';

export const rdsInstance = z.strictObject({
  ...assetKeys,
  kind: z.literal('rds-instance'),
  engine: z.enum(['postgres', 'mysql', 'mariadb']),
  instanceClass: z.string().min(1),
  multiAz: z.boolean(),
  regions: z.record(
    regionName,
    z.strictObject({
      instance: databaseName,
      /** Fencing exchanges the open ones for the closed one, which admits nobody. */
      securityGroups: z.strictObject({ open: z.array(securityGroupName).min(1), closed: securityGroupName }).optional(),
    }),
  ),
});
