// A message to people has words alone: a field of the record or a value of it is found, and names of AWS and of flows are not taken for one.
import { expect, test } from 'vitest';
import { rawLineIn } from '../../../simulator/playing/raw-words.ts';

const found = (line: string, subject = '[Breakwater] zone failed') =>
  rawLineIn({ subject, body: `WHAT HAPPENED\n${line}` });

test.for([
  '- cache: chatops-redis-dr, moved false, empty true',
  '- database: writableSince 10:58 UTC',
  '- database: since 1767603899000',
  'The zone is null.',
  'It took NaN s of undefined.',
  '- jobs: [object Object]',
])('%s is raw', (line) => {
  expect(found(line)).toBe(line);
});

test('a subject is looked at too', () => {
  expect(found('All is well.', '[Breakwater] users are served: false')).toBe('[Breakwater] users are served: false');
});

test.for([
  'AccessDenied: User: arn:aws:sts::111122223333:assumed-role/x is not authorized to perform: s3:PutObject',
  'AWS calls so far: rds:RebootDBInstance of chatops-prod in us-east-1.',
  '  npm run resume -- by-hand-1767606300000 --stage prod',
  'The flow that holds the region: by-hand-1767606300000.',
  'Incident us-east-1-x, execution by-hand-1767606300000, started by operator.',
  'https://page.example/r/truE#someToken',
  'See https://git.example.com/aB/runbook.md#takeOver.',
  'The truth is falsely told, and nullified.',
])('%s has words alone', (line) => {
  expect(found(line)).toBeNull();
});

test('what AWS sends by itself is its own', () => {
  expect(rawLineIn({ subject: 'ALARM: "x" in us-east-1', body: '{"AlarmName":"x","ok":true}' })).toBeNull();
});
