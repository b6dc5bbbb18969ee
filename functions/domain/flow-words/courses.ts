// What Breakwater does now and next, by the occasion of a message: the sentences of each flow. Pure.
import { clock } from '../page/page-times.ts';
import type { Mode } from '../types.ts';

export type Occasion =
  | 'started'
  | 'recovered'
  | 'not-recovered'
  | 'recovered-in-part'
  | 'not-recovered-in-part'
  | 'failed'
  | 'closed'
  | 'closed-unserved'
  | 'dry-run'
  | 'degraded'
  | 'more-changes'
  | 'degradation-ended'
  | 'degradation-ended-unserved'
  | 'no-way'
  | 'not-approved';

export const unserved: Partial<Record<Occasion, Occasion>> = {
  recovered: 'not-recovered',
  'recovered-in-part': 'not-recovered-in-part',
  closed: 'closed-unserved',
  'degradation-ended': 'degradation-ended-unserved',
};

const worseOrOver =
  'You hear when the service gets worse, when a zone or the region is lost, and when the degradation is over.';

/** What Breakwater does now, and what follows. What came of it stands under what happened. */
export type Course = readonly [doing: (place: string) => string, next: string | ((to: string) => string)];

const watches = (place: string) => `Breakwater keeps traffic out of ${place} and watches the zone.`;

const triesAgain = (place: string) =>
  `${watches(place)} Meanwhile it tries again what failed. Until that has left too, a few users may fail.`;

const endsHere = () => 'Nothing more: the flow has ended.';

export const changesNothing = () => 'Nothing. Breakwater has changed nothing.';

const notReminded = 'You hear when Breakwater sees something else fail.';

const whileUsersFail = 'While users fail, Breakwater reminds you. You also hear when the incident is over.';

export const courses: Record<Occasion, Course> = {
  started: [
    (place) => `Breakwater moves what runs in ${place} elsewhere. Everything else stays where it is.`,
    'You hear when users are served without the zone. To end this flow: docs/runbook.md#give-up. To keep all flows from their next step (what has begun goes on): docs/runbook.md#freeze.',
  ],
  recovered: [watches, 'Traffic goes back when the incident ends, and you hear of it. See docs/runbook.md#watch-zone.'],
  'not-recovered': [watches, whileUsersFail],
  failed: [
    (place) => `Breakwater has tried for the last time. It keeps traffic out of ${place} and goes on with the rest.`,
    'When the zone is well again, the flow pauses and waits for you. See docs/runbook.md#pause.',
  ],
  'recovered-in-part': [triesAgain, 'You hear how that ends. See docs/runbook.md#leave-zone.'],
  'not-recovered-in-part': [triesAgain, whileUsersFail],
  closed: [endsHere, 'Breakwater can act on this zone again. The database and the cache stay where they are.'],
  'closed-unserved': [endsHere, notReminded],
  'dry-run': [() => 'Nothing. This was a dry run: Breakwater changed nothing and took no lock.', ''],
  degraded: [watches, worseOrOver],
  'more-changes': [watches, worseOrOver],
  'degradation-ended': [endsHere, 'You hear when something fails again.'],
  'degradation-ended-unserved': [endsHere, notReminded],
  'no-way': [changesNothing, ''],
  'not-approved': [changesNothing, 'Breakwater does NOT remind you of this: a person had started it.'],
};

/** What fails to leave a zone is tried so often in all (`statemachines/az-failover.asl.yaml`). `at`: when again, in milliseconds since 1970; `round` counts the tries. */
export function triedAgainAt(at: number, round: unknown, now: number): Course {
  return [
    (place) =>
      `Breakwater keeps traffic out of ${place} and goes on with the rest. At about ${clock(at, now)} it tries again what failed.`,
    `You hear how that ends. ${typeof round === 'number' ? `This was try ${round} of 3.` : 'There are 3 tries.'} The tries are ten minutes apart. After the last one Breakwater needs you.`,
  ];
}

const seeHome =
  '`npm run status` lists what must still be done before the old region can take over again. See docs/runbook.md#the-way-home.';

export const completes = () => 'Breakwater completes the move.';

export const tellsComplete = 'You hear when the move is complete. See docs/runbook.md#fence-old-region.';

/** What differs where a region was given up. */
const coursesOfRegion: Partial<Record<Occasion, Course>> = {
  recovered: [completes, tellsComplete],
  'not-recovered': [completes, whileUsersFail],
  closed: [
    endsHere,
    (to) =>
      `${to} is the primary now, and stays the primary. What the old region wrote in the meantime is missing in ${to}. ${seeHome}`,
  ],
};

const movedAsPlanned: Course = [
  endsHere,
  (to) => `${to} is the primary now, and stays the primary. No data was lost. ${seeHome}`,
];

/** What differs where something was restored in the region where it stands. */
const whatOfRestore: Partial<Record<Occasion, (place: string) => string>> = {
  recovered: (place) => `restored: users are served in ${place}`,
  'not-recovered': (place) => `restored in ${place}: look for a second cause`,
  failed: (place) => `not everything in ${place} is restored`,
  closed: (place) => `the restore in ${place} is complete`,
  'closed-unserved': (place) => `the restore in ${place} ends here: look for another cause`,
  'no-way': (place) => `HELD: there is no safe way to restore in ${place}`,
  'not-approved': (place) => `HELD: nothing is restored in ${place}`,
};

export const restoresAndLeavesOpen: Course = [
  () => 'Breakwater completes the restore.',
  'It does not close the old database any more. The old replica does not follow the restored database.',
];

const coursesOfRestore: Partial<Record<Occasion, Course>> = {
  recovered: [
    () => 'Breakwater completes the restore.',
    'The old database stays fenced. It alone has what was written after the restored time. The old replica does not follow the restored database.',
  ],
  closed: [
    endsHere,
    'Users and the primary role stay where they are, and so does the old database, for you to look at. See docs/runbook.md#after-a-restore.',
  ],
};

export const begun: Course = [
  () => 'The flow had begun. It is paused now and keeps its lock.',
  'The next message says what is half done, and what to type. See docs/runbook.md#pause.',
];

/** What `domain/asking-again.ts` does about a region that no person gave up by hand. */
export const lookedForAgain =
  'While the region is lost, Breakwater looks for a safe way again. If there is one, Breakwater asks the approvers. If they were asked before, a reminder has a link to ask again.';

export const wellAgain: Course = [
  (place) => `Breakwater lets traffic back into ${place}.`,
  'The next message says how the incident ended, and what is left of it.',
];

export const superseded: Course = [
  (place) => `This flow does nothing more, and ${place} is watched no more.`,
  'The incident goes on: `npm run status` says what is being done.',
];

type Words = readonly [
  heads: Partial<Record<Occasion, (place: string) => string>>,
  courses: Partial<Record<Occasion, Course>>,
];

const movedAway = {
  closed: (place: string) => `the move away from ${place} is complete`,
  'closed-unserved': (place: string) => `the move away from ${place} ends here: look for another cause`,
};

export const wordsOf: Readonly<Record<Mode, Words>> = {
  failover: [movedAway, coursesOfRegion],
  switchover: [movedAway, { ...coursesOfRegion, closed: movedAsPlanned }],
  restore: [whatOfRestore, coursesOfRestore],
};
