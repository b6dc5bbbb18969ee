// A latch has the same name for records, rights and the health checks that look at it.
import { expect, test } from 'vitest';
import {
  isReadable,
  latchKey,
  latchObject,
  latchUrl,
  unreadableWords,
  unseenWords,
} from '../../../../functions/domain/traffic/latch.ts';
import { latchChecks } from '../../../../simulator/estate/services/records.ts';
import { plan } from '../../../plan.ts';

test('a latch is an object of a bucket, by the region that it keeps users away from', () => {
  expect(latchKey('us-east-1')).toBe('latch/us-east-1');
  expect(latchKey('*')).toBe('latch/*');
  expect(latchObject('bucket', 'us-east-1')).toBe('bucket/latch/us-east-1');
});

test('it is read where the health checks look, and without TLS as they do', () => {
  const looks = latchChecks(plan).flatMap((check) => {
    const { HealthCheckConfig: config } = check as { HealthCheckConfig: Record<string, unknown> };
    return config['Type'] === 'HTTP' ? `http://${config['FullyQualifiedDomainName']}${config['ResourcePath']}` : [];
  });
  const read = Object.entries(plan.redirection.latchBuckets).flatMap(([region, buckets]) =>
    Object.entries(buckets).map(([at, bucket]) => latchUrl(at, bucket, region)),
  );
  expect(read).toEqual(looks);
});

test.for([
  [200, true],
  [403, false],
  [404, false],
  [301, false],
  [500, null],
  [503, null],
  [null, null],
] as const)('an answer of %s says %s of whether health checks can read it', ([status, expected]) => {
  expect(isReadable({ status })).toBe(expected);
});

test('what cannot be read is told with its bucket, what S3 says, what follows, and where to look', () => {
  const readings = [
    { bucket: 'one', status: 403 },
    { bucket: 'two', status: null },
  ];
  expect(unseenWords('us-east-1', readings)).toBe(
    'the latch of us-east-1 lies in one (403) and two (no answer), but nobody without credentials can read it, so that users are not sent away: look at S3 Block Public Access of the bucket, of the account and of the organization',
  );
  expect(unreadableWords(readings.slice(0, 1))).toBe(
    'health checks cannot read what lies in one (403), so that a closed latch moves nobody: look at S3 Block Public Access of the bucket, of the account and of the organization',
  );
});
