// The state table: signals, incidents, locks, the roles of regions, approvals, the record of every change that was made.
import { kept, type Resources } from '../template.ts';
import type { Stack } from '../values.ts';

/**
 * One global table for both main stacks, strongly consistent over both regions and the witness: a majority outlives any
 * one region, and lock, epoch and approvals have one truth. The stack of the plan's primary makes it, the other knows it
 * by name. It outlives that stack, and DynamoDB refuses to delete it: removal is two deliberate acts.
 *
 * Encrypted with the key that DynamoDB owns: a key of ours would have to exist in both regions before the table, and the
 * table would then need KMS in a region to be readable there, the very thing that it is for.
 *
 * Such a table has no time to live: `expiresAt` is written for tables that have. What bounds its growth: a signal is
 * stored once for each alarm, database event or instance and replaced, not added; an incident has one item for each
 * change of decision and each call; only events that no rule knows add one item each.
 */
export function stateTable({ plan, prefix, region }: Stack): Resources {
  const { primary, standby, witness } = plan.roles;
  if (region !== primary) return {};
  const replica = (place: string) => ({
    Region: place,
    DeletionProtectionEnabled: true,
    PointInTimeRecoverySpecification: { PointInTimeRecoveryEnabled: true },
    Tags: [
      { Key: 'application', Value: 'breakwater' },
      { Key: 'protects', Value: plan.application },
    ],
  });
  return {
    StateTable: {
      Type: 'AWS::DynamoDB::GlobalTable',
      ...kept,
      Properties: {
        TableName: prefix,
        BillingMode: 'PAY_PER_REQUEST',
        AttributeDefinitions: [
          { AttributeName: 'pk', AttributeType: 'S' },
          { AttributeName: 'sk', AttributeType: 'S' },
        ],
        KeySchema: [
          { AttributeName: 'pk', KeyType: 'HASH' },
          { AttributeName: 'sk', KeyType: 'RANGE' },
        ],
        MultiRegionConsistency: 'STRONG',
        Replicas: [replica(primary), replica(standby)],
        GlobalTableWitnesses: [{ Region: witness }],
      },
    },
  };
}
