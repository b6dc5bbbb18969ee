// Who a name means, however it is spelled: nobody approves what they asked for by writing their name in another way.
import { expect, test } from 'vitest';
import { hasIdentity, humanIn, identityIn, personOf, personsIn } from '../../../../functions/domain/plan/persons.ts';
import { plan } from '../../../plan.ts';

const dba = personOf('dba', plan);
const account = '111122223333';

test.for([
  ['the role in capitals', 'DBA'],
  ['the role with spaces', ' dba '],
  ['the handle', '@dba-team'],
  ['the handle without its sign', 'DBA-Team'],
  ['the IAM name', 'chatops-dba'],
  ['the IAM role, as the plan has it', 'role/chatops-dba'],
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
  [`arn:aws:iam::${account}:user/a/b/alice`, 'user/a/b/alice', 'alice'],
  [`arn:aws:iam::${account}:user/@alice`, 'user/@alice', '@alice'],
  [`arn:aws-us-gov:sts::${account}:assumed-role/ops/alice`, 'role/ops', 'alice'],
  [`arn:aws:sts::${account}:assumed-role/ops/Alice@example.com`, 'role/ops', 'alice@example.com'],
  [`arn:aws:iam::${account}:role/teams/ops`, 'role/ops', null],
  [`arn:aws:sts::${account}:federated-user/alice`, null, null],
  [`arn:aws:iam::${account}:root`, null, null],
  ['alice', null, null],
] as const)('%s answers as %s, and is the human %s', ([arn, identity, human]) => {
  expect(identityIn(arn)).toBe(identity);
  expect(humanIn(arn)).toBe(human);
});

test.for([
  ['role/chatops-dba', true],
  ['user/chatops-dba', false],
  ['role/Chatops-DBA', false],
  ['role/@chatops-dba', false],
  ['user/people/chatops-dba', false],
  ['chatops-dba', false],
] as const)('a contact whose iam has role/chatops-dba answers as %s: %s', ([identity, answers]) => {
  expect(hasIdentity({ iam: ['role/chatops-dba'] }, identity)).toBe(answers);
});

test('a handle is its person before it is an IAM name of another, and signs inside a name stay', () => {
  const contacts = {
    a: { handle: '@x', iam: [] },
    b: { handle: '@ben', iam: ['role/x', 'user/people/y'] },
    c: { handle: '@ab', iam: [] },
  };
  expect(personOf('x', { contacts })).toBe('x');
  expect(personOf('y', { contacts })).toBe('ben');
  expect(personOf('a@b', { contacts })).toBe('a@b');
  expect(personOf('my-role/x', { contacts })).toBe('my-role/x');
});

test('an ARN with blanks around it is one', () => {
  const arn = `arn:aws:sts::${account}:assumed-role/ops/alice`;
  expect(identityIn(` ${arn}\n`)).toBe('role/ops');
  expect(humanIn(` ${arn}\n`)).toBe('alice');
  expect(identityIn(`x ${arn}`)).toBeNull();
});
