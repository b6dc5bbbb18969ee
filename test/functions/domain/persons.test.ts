// Who a name means, however it is spelled: nobody approves what they asked for by writing their name in another way.
import { expect, test } from 'vitest';
import { identityIn, personOf, personsIn } from '../../../functions/domain/persons.ts';
import { plan } from '../../plan.ts';

const dba = personOf('dba', plan);
const account = '111122223333';

test.for([
  ['the role in capitals', 'DBA'],
  ['the role with spaces', ' dba '],
  ['the handle', '@dba-team'],
  ['the handle without its sign', 'DBA-Team'],
  ['the IAM name', 'chatops-dba'],
  ['the ARN of a user', `arn:aws:iam::${account}:user/people/chatops-dba`],
  ['the ARN of a role', `arn:aws:iam::${account}:role/Chatops-DBA`],
  ['the ARN of an assumed role, whatever the session', `arn:aws:sts::${account}:assumed-role/chatops-dba/infra-lead`],
] as const)('%s means the same person', ([, name]) => {
  expect(personOf(name, plan)).toBe(dba);
});

test.for([
  'classify',
  'constructor',
  '',
  'dba2',
  `arn:aws:sts::${account}:assumed-role/somebody/chatops-dba`,
  `arn:aws:iam::${account}:root`,
])('%j is a person of its own', (name) => {
  expect(personOf(name, plan)).not.toBe(dba);
  expect(Object.keys(plan.contacts).map((role) => personOf(role, plan))).not.toContain(personOf(name, plan));
});

test('one person in two roles is one person', () => {
  const contacts = { a: { handle: '@ana', iam: [] }, b: { handle: 'Ana', iam: [] }, c: { handle: '@ben', iam: [] } };
  expect(personsIn(['b', 'c', 'a'], { contacts })).toEqual(['b', 'c']);
  expect(personsIn(['a', 'b', 'c'], { contacts })).toEqual(['a', 'c']);
});

test.for([
  [`arn:aws:iam::${account}:user/a/b/alice`, 'alice'],
  [`arn:aws-us-gov:sts::${account}:assumed-role/ops/alice`, 'ops'],
  [`arn:aws:sts::${account}:federated-user/alice`, null],
  [`arn:aws:iam::${account}:root`, null],
  ['alice', null],
] as const)('the IAM name in %s is %s', ([arn, name]) => {
  expect(identityIn(arn)).toBe(name);
});
