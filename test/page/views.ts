// The requests that the page is shown with: one that is as hard as it gets, and what time and people make of it.
import { checkBounds, isAsked, tallyOf } from '../../functions/domain/approval/approval.ts';
import { confirm } from '../../functions/domain/approval/confirmation.ts';
import { requestOfDrill } from '../../functions/domain/drills/asked.ts';
import type { ApprovalView } from '../../functions/domain/page/approval-view.ts';
import type { Plan } from '../../functions/domain/plan/plan.ts';
import type { Progress } from '../../functions/domain/record/progress.ts';
import type { ApprovalRequest, Bounds, RecordedAnswer } from '../../functions/domain/types.ts';
import { assessed, type Observed } from '../assessed.ts';
import { plan } from '../plan.ts';
import { at, answer as sampleAnswer, request as sampleRequest } from '../store/samples.ts';

export const minute = 60_000;
/** The first signal; people are asked four minutes later. */
export const openedAt = at;
export const askedAt = at + 4 * minute;

const database = {
  asset: 'database',
  replica: { status: 'available', isReplica: true, replicating: false },
  lag: { at: openedAt - 30_000, lagSeconds: 2 },
};

type Asking = Pick<
  ApprovalRequest,
  'unfenced' | 'unfencedAssets' | 'mode' | 'lossCeilingSeconds' | 'assetCeilingSeconds' | 'shown'
>;

function requestOf(change: Partial<Observed> = {}): Asking {
  const observed: Observed = {
    target: 'us-east-1',
    standby: 'us-west-2',
    mode: 'failover',
    plan: 'a1b2',
    now: askedAt,
    since: openedAt,
    aliveAt: openedAt - 20_000,
    writesEndedAt: openedAt,
    over: false,
    called: [],
    fenced: [],
    databases: [database],
    writers: [{ asset: 'database', status: undefined }],
    caches: [{ asset: 'cache', datastore: 'ldgnf-chatops', member: true }],
    clusters: [{ cluster: 'chatops-dr', warm: true }],
    pageAnswers: true,
    takingOver: { region: 'us-west-2', incident: null, controlPlanes: [] },
    ...change,
  };
  const { bounds, ...assessment } = assessed(observed, plan);
  const { unfenced, unfencedAssets = [], mode, lossCeilingSeconds, assetCeilingSeconds = {} } = bounds;
  const reason =
    mode === 'switchover'
      ? 'move home after the outage of 2 November'
      : 'region us-east-1 failed: users fail, as seen from eu-west-1 and ap-southeast-1; rds and eks do not answer; database, cache and cluster fail in 3 zones';
  const shown = { ...assessment, reason, standby: observed.standby, mode, changed: null, onNoAnswer: 'hold' };
  return { unfenced, unfencedAssets, mode, lossCeilingSeconds, assetCeilingSeconds, shown };
}

/** Asked while the region is dark, so that it cannot be fenced. */
export const darkRequest: ApprovalRequest = {
  ...sampleRequest,
  ...requestOf(),
  id: 'incident-2026-11-03-us-east-1-region-failover-1-1-4f0c9a1b77de',
  incident: 'incident-2026-11-03-us-east-1',
  askedAt,
  expiresAt: askedAt + 60 * minute,
};

export const fencedRequest: ApprovalRequest = { ...darkRequest, ...requestOf({ writers: [] }) };

export const switchoverRequest: ApprovalRequest = {
  ...darkRequest,
  ...requestOf({
    mode: 'switchover',
    since: askedAt - minute,
    writers: [],
    databases: [{ ...database, replica: { ...database.replica, replicating: true } }],
  }),
  requestedBy: 'app-lead',
};

/** Asked again after the promotion: the region that was lost is back. */
const afterPromotion = requestOf({
  over: true,
  called: ['database'],
  calledAt: { database: openedAt + 2 * minute },
  databases: [
    {
      ...database,
      replica: { status: 'available', isReplica: false, replicating: null },
      lagWhenCalled: { at: openedAt + minute, lagSeconds: 90 },
    },
  ],
  writers: [{ asset: 'database', status: 'available' }],
});
export const goingOnRequest: ApprovalRequest = {
  ...darkRequest,
  ...afterPromotion,
  shown: { ...afterPromotion.shown, begun: true },
};
/** What was asked first was approved, and no longer held when the flow looked again: it asks once more. */
export const againAt = askedAt + 10 * minute;
function onceMore(asking: Asking, changed: string): ApprovalRequest {
  return {
    ...darkRequest,
    ...asking,
    id: 'incident-2026-11-03-us-east-1-region-failover-1-2-b25e07d1c9a3',
    askedAt: againAt,
    expiresAt: againAt + 60 * minute,
    shown: { ...asking.shown, changed },
  };
}

/** The region answers again, and observers see its users served. */
const observers = ['ap-southeast-1', 'eu-west-1'];
const servedAgain = requestOf({
  now: againAt,
  writers: [{ asset: 'database', status: 'available' }],
  servedFrom: observers,
});
export const servedRequest = onceMore(
  { ...servedAgain, shown: { ...servedAgain.shown, servedFrom: observers } },
  `users of us-east-1 are served again, seen from ${observers.join(', ')}`,
);

/** A later measure says that the replica was further behind. */
const behind = requestOf({
  now: againAt,
  databases: [{ ...database, lag: { at: openedAt - 30_000, lagSeconds: 210 } }],
});
/** As the flow compares them: what would be lost now, with what people approved. */
const boundsNow = {
  ...darkRequest,
  ...{ lossCeilingSeconds: 240, assetCeilingSeconds: { database: 240 } },
} satisfies Bounds;
export const behindRequest = onceMore(behind, checkBounds(darkRequest, boundsNow) ?? 'nothing has changed');

/** A drill asks who answers, and when. */
export const drillRequest: ApprovalRequest = requestOfDrill(
  {
    execution: 'drill-approvers-2026-11-03',
    by: 'schedule',
    name: 'approvers-yearly',
    region: 'us-west-2',
    withinSeconds: 3600,
  },
  'us-east-1',
  plan,
  askedAt,
);

/** Of two databases, the second further behind. */
export const twoRequest: ApprovalRequest = {
  ...darkRequest,
  ...requestOf({
    databases: [database, { ...database, asset: 'orders', lag: { at: openedAt - 30_000, lagSeconds: 900 } }],
  }),
};
/** Its replication was broken, so that nobody knows what would be lost. */
export const blindRequest: ApprovalRequest = {
  ...darkRequest,
  ...requestOf({ databases: [{ ...database, lag: null }] }),
};

export function answerOf(approver: string, change: Partial<RecordedAnswer> = {}): RecordedAnswer {
  return {
    ...sampleAnswer,
    request: darkRequest.id,
    approver,
    unfenced: ['us-east-1'],
    reason: '',
    at: askedAt + 7 * minute,
    from: '192.0.2.17',
    ...change,
  };
}

/** What is seen of a request when these answers are given: by the rules, and not by what a test says of them. */
export function seen(
  view: Shown,
  answers: readonly RecordedAnswer[] = [],
  known: Pick<Plan, 'contacts'> = plan,
): ApprovalView {
  const { request, approver } = view;
  return { ...view, tally: tallyOf(request, answers, known), asked: isAsked(approver, request, known) };
}
export type Shown = Omit<ApprovalView, 'tally' | 'asked'>;

export const shown: Shown = {
  application: 'chatops',
  runbookUrl: 'https://git.example.com/chatops/breakwater/blob/main/docs/runbook.md',
  stage: 'prod',
  request: darkRequest,
  incident: {
    level: 3,
    openedAt,
    closedAt: null,
    judgedAt: askedAt - 5_000,
    evidence: [
      'canary eu-west-1 has failed since 03:00:10 UTC',
      'canary ap-southeast-1 has failed since 03:00:20 UTC',
      'probe of rds in us-east-1 has failed since 03:00:40 UTC',
      'probe of eks in us-east-1 has failed since 03:00:40 UTC',
      'database-connections in use1-az1, use1-az2 and use1-az4 give no data since 03:01 UTC',
      'heartbeat of us-east-1 is missing since 03:01 UTC',
      'cache-cpu in use1-az1 fails since 03:01 UTC',
      'AWS Health: RDS operational issue in us-east-1, open since 03:03 UTC',
    ],
  },
  approver: 'dba',
  duty: 'recovers the database',
  state: 'open',
  progress: null,
  whyNotAgain: null,
  formToken: 'token-of-dba',
  problem: null,
  now: askedAt + 12 * minute,
};

export const asked = seen(shown);

const mine = answerOf('dba');
const other = answerOf('infra-lead', { at: askedAt + 9 * minute });
const rejection = answerOf('infra-lead', {
  answer: 'reject',
  unfenced: [],
  reason: 'us-east-1 is coming back: RDS answers again from the bastion, and I see writes arriving.',
  at: askedAt + 9 * minute,
});

const progress: Progress = {
  standing: 'runs',
  failed: [],
  said: 'The flow runs.',
  steps: [
    { at: askedAt + 10 * minute, step: { state: 'Fence', asset: 'database' }, state: 'done', words: 'done' },
    {
      at: askedAt + 10.5 * minute,
      step: { state: 'CatchUp', asset: 'database' },
      state: 'skipped',
      words: 'left out, signed by ana',
    },
    {
      at: askedAt + 11 * minute,
      step: { state: 'TakeOver', asset: 'database' },
      state: 'begun',
      words: 'begun, and not seen to be done',
    },
    {
      at: askedAt + 11 * minute,
      step: { state: 'TakeOver', asset: 'cache' },
      state: 'held',
      words: 'held: needs database',
    },
  ],
  servedAt: null,
};
const goneOn: Progress['steps'] = progress.steps.map((step) =>
  step.state === 'begun' || step.state === 'held' ? { ...step, state: 'done', words: 'done' } : step,
);
const servedAt = askedAt + 16 * minute;
const finished: Progress = {
  standing: 'ended',
  failed: [],
  said: 'The flow has ended: it does nothing more.',
  steps: [
    {
      at: askedAt + 10 * minute,
      step: { state: 'Fence', asset: 'orders' },
      state: 'not-possible',
      words: 'not possible: us-east-1 does not answer',
    },
    ...goneOn,
    {
      at: askedAt + 12 * minute,
      step: { state: 'TakeOver', asset: 'cluster' },
      state: 'not-needed',
      words: 'not needed: it was so before',
    },
    { at: askedAt + 14 * minute, step: { state: 'RedirectUsers', asset: null }, state: 'done', words: 'done' },
  ],
  servedAt,
};
const paused: Progress = {
  ...progress,
  standing: 'paused',
  failed: ['taking over database: the replica chatops-prod-replica is not there (DBInstanceNotFound)'],
  said: 'The flow is PAUSED: it does nothing until a person acts.',
};
const aborted: Progress = { ...progress, standing: 'aborted', said: 'The flow was ABORTED: nothing of it goes on.' };
const { incident } = shown;
if (incident === null) throw new Error('there is an incident');
const { evidence } = incident;
/** The record closed it while the flow went on. */
const over = { ...incident, closedAt: askedAt - minute, judgedAt: askedAt - minute };
/** What a person started is no disaster, and has no evidence. */
const planned = {
  ...incident,
  level: 'unknown',
  openedAt: askedAt - minute,
  judgedAt: askedAt - minute,
  evidence: [],
} as const;
const typed = { answer: 'approve', region: '', unfenced: '', reason: '' } as const;
const acting = 'Another flow acts on us-east-1: it asks, or has asked.';

/** Every state of the page, by name. */
export const views: Readonly<Record<string, ApprovalView>> = {
  asked,
  'asked-second': seen(shown, [other]),
  'asked-going-on': { ...asked, request: goingOnRequest, incident: over },
  'asked-served': {
    ...seen({ ...shown, request: servedRequest }),
    incident: {
      ...incident,
      evidence: [...observers.map((one) => `canary ${one} passes since 03:12 UTC`), ...evidence],
    },
    now: againAt + 3 * minute,
  },
  'asked-again': seen({ ...shown, request: behindRequest, now: againAt + 3 * minute }),
  fenced: { ...asked, request: fencedRequest },
  switchover: { ...asked, request: switchoverRequest, incident: planned },
  blind: { ...asked, request: blindRequest, now: askedAt + 55 * minute },
  told: seen({ ...shown, approver: 'on-call', duty: 'responds first' }),
  'not-taken': {
    ...asked,
    problem: {
      typed: { ...typed, region: 'us-west-2', unfenced: 'us-east-1 stays unfenced' },
      wrong: confirm(darkRequest, { ...typed, region: 'us-west-2', unfenced: 'us-east-1 stays unfenced' }).problems,
    },
  },
  'reason-missing': {
    ...asked,
    problem: {
      typed: { ...typed, answer: 'reject', region: 'US-EAST-1' },
      wrong: confirm(darkRequest, { ...typed, answer: 'reject', region: 'US-EAST-1' }).problems,
    },
  },
  answered: seen(shown, [mine]),
  approved: seen({ ...shown, state: 'approved', progress, whyNotAgain: acting }, [mine, other]),
  'approved-just-now': seen(
    { ...shown, state: 'approved', progress: { ...progress, steps: [] }, whyNotAgain: acting },
    [mine, other],
  ),
  paused: seen({ ...shown, state: 'approved', progress: paused, whyNotAgain: acting }, [mine, other]),
  aborted: seen({ ...shown, state: 'approved', progress: aborted, whyNotAgain: acting }, [mine, other]),
  finished: seen({ ...shown, state: 'approved', progress: finished, whyNotAgain: acting, now: askedAt + 75 * minute }, [
    mine,
    other,
  ]),
  'drill-asked': seen({ ...shown, request: drillRequest, incident: null }),
  'drill-moves': { ...asked, request: { ...switchoverRequest, drillMoves: true }, incident: planned },
  rejected: seen({ ...shown, state: 'rejected' }, [rejection]),
  'rejected-a-moment-ago': seen(
    {
      ...shown,
      state: 'rejected',
      whyNotAgain: 'People were asked a short time ago. From 2026-11-03T03:19:00.000Z on they can be asked again.',
    },
    [rejection],
  ),
  'not-asked-again': {
    ...seen({ ...shown, state: 'expired', now: askedAt + 75 * minute }, [other]),
    problem: {
      typed: { ...typed, answer: 'ask-again', region: 'us-west' },
      wrong: confirm(darkRequest, { ...typed, answer: 'ask-again', region: 'us-west' }).problems,
    },
  },
  expired: seen({ ...shown, state: 'expired', now: askedAt + 75 * minute }, [other]),
  void: { ...asked, state: 'void', whyNotAgain: acting, now: askedAt + 2 * minute },
};
