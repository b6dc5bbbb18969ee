// The bucket of a region's reports: auditors look for them after years, so that it stays when the stack goes, and nothing in it expires.
import { reportBucket, reportFolder } from '../../functions/domain/report/place.ts';
import { kept, type Resources, ref, sub, type Value } from '../template.ts';
import type { Stack } from '../values.ts';
import { closedBucket, encryptedOnly, inS3 } from './bucket.ts';

/** Only AWS knows the account. */
export function bucketName({ prefix, region }: Stack): string {
  return reportBucket({ prefix, region, account: `\${AWS::AccountId}` });
}

/** Where reports are written, for rights. */
export function reportsIn(stack: Stack): Value {
  return inS3(`${bucketName(stack)}/${reportFolder}*`);
}

export function reports(stack: Stack): Resources {
  const name = bucketName(stack);
  return {
    ReportsBucket: {
      Type: 'AWS::S3::Bucket',
      ...kept,
      Properties: {
        BucketName: sub(name),
        VersioningConfiguration: { Status: 'Enabled' }, // what a report said before something was added
        ...closedBucket,
      },
    },
    ReportsBucketPolicy: {
      Type: 'AWS::S3::BucketPolicy',
      ...kept,
      Properties: {
        Bucket: ref('ReportsBucket'),
        PolicyDocument: { Version: '2012-10-17', Statement: [encryptedOnly(name)] },
      },
    },
  };
}
