// Who may approve: never the person who asks, by whatever name they ask.
import { expect, test } from 'vitest';
import { approversNeeded } from '../../../../functions/shared/approval/approvers.ts';
import { plan } from '../../../plan.ts';

test('what the record decided is approved by as many as the plan says', () => {
  const needed = approversNeeded({ manual: false, requestedBy: 'classify' }, plan);
  expect(needed).toEqual({ required: 2, roles: ['dr-coordinator', 'infra-lead', 'dba'], persons: 3 });
});

test.for([
  'dba',
  'DBA',
  ' dba',
  '@dba-team',
  'dba-team',
  'chatops-dba',
  'arn:aws:iam::111122223333:user/chatops-dba',
  'arn:aws:sts::111122223333:assumed-role/chatops-dba/infra-lead',
])('a manual start by %j needs one more, and the dba is not asked', (requestedBy) => {
  const needed = approversNeeded({ manual: true, requestedBy }, plan);
  expect(needed).toEqual({ required: 3, roles: ['dr-coordinator', 'infra-lead'], persons: 2 });
});

test('a requester who is an approver in two roles is asked in neither, and two roles of one person are one', () => {
  const { dba } = plan.contacts;
  if (dba === undefined) throw new Error('the plan has no dba');
  const contacts = { ...plan.contacts, 'infra-lead': { ...dba, handle: 'DBA-Team' } };
  const shared = { ...plan, contacts };
  expect(approversNeeded({ manual: false, requestedBy: 'infra-lead' }, shared).roles).toEqual(['dr-coordinator']);
  expect(approversNeeded({ manual: false, requestedBy: 'classify' }, shared)).toMatchObject({ persons: 2 });
});
