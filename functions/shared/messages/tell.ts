// Tells people: one message to each role by its channel, each once, however often it is asked for, and each on its own: a channel
// that fails is replaced by the role's next, and keeps nobody else from hearing.
import { publish } from '../../aws/messages.ts';
import { Unavailable, whyOf } from '../../domain/errors.ts';
import { servingRegion, type UsersNow, usersNow } from '../../domain/evidence/users-now.ts';
import { stageOf } from '../../domain/flows.ts';
import { topicArn, undeliveredMarks, type Way, waysTo } from '../../domain/plan/channels.ts';
import { notToldMark } from '../../domain/recovery/reaching.ts';
import { publishedForm, saidInstead } from '../../domain/words/channel-forms.ts';
import { besideFailing, usersLine, usersSentence, withFailing, withUsers } from '../../domain/words/users-words.ts';
import { type Message, subject, type Thread, untoldMessage, withRunbook, withStage } from '../../domain/words/words.ts';
import type { Shell } from '../shell.ts';
import { post } from './post.ts';

type Telling = Message | ((role: string) => Promise<Message>);

/**
 * Sends a message to roles, or to each its own. `id` names the occasion: a role gets one message for it. `hearers`: all who hear of it, of whom
 * each message says who they are. A crash between sending and marking repeats a message; none is lost. @throws the first failure, after all were tried.
 */
export async function tellAll(
  id: string,
  roles: readonly string[],
  message: Telling,
  shell: Shell,
  hearers: readonly string[] = roles,
): Promise<void> {
  const failing = await tellEach(id, roles, message, shell, hearers);
  if (failing.size > 0) throw [...failing.values()][0];
}

/** What people are told: the occasion's name, the message, and the flow in whose record it is kept; null where it is in none. */
export type Occasion = {
  readonly id: string;
  readonly message: Message;
  readonly of: { readonly id: string; readonly execution: string } | null;
  /** Of what is in no record: whether a sweep asks for it again. */
  readonly swept?: boolean;
};

/** Who heard it, and whom nobody could tell: why, by role. */
export type Heard = { readonly told: readonly string[]; readonly untold: Readonly<Record<string, string>> };

/**
 * Tells roles something, and succeeds when somebody heard it. Who could not be told is named to others, who can reach them, and is
 * kept in the record, from which the sweep tells them as soon as it can. `mayRepeat`: whether the caller is tried again, where that
 * may help. `blindly`: whether who may have heard it hears it again, where nobody can say: for whom nobody else tells, and who is tried a few times
 * only. @throws the failure then, and where nobody could be told.
 */
export async function tell(
  { id, message, of, swept = false }: Occasion,
  roles: readonly string[],
  shell: Shell,
  { mayRepeat = false, blindly = false }: { readonly mayRepeat?: boolean; readonly blindly?: boolean } = {},
): Promise<Heard> {
  const own = { ...message, thread: message.thread ?? threadOf(of) };
  const failing = await tellEach(id, roles, own, shell, roles, blindly);
  const passing = [...failing.values()].find((error) => error instanceof Unavailable);
  if (mayRepeat && passing !== undefined) throw passing;
  const told = roles.filter((role) => !failing.has(role));
  if (failing.size === 0) return { told, untold: {} };
  const untold = Object.fromEntries([...failing].map(([role, error]) => [role, whyOf(error)]));
  if (of !== null) await keepUntold({ id, message, of }, untold, shell);
  const heard = await escalate({ id, message, again: of !== null || swept }, Object.keys(untold), shell);
  if (told.length === 0 && heard.length === 0) throw passing ?? [...failing.values()][0];
  return { told, untold };
}

/** Of what a flow says: its incident. How bad that is its other messages say. */
function threadOf(of: Occasion['of']): Thread | undefined {
  return of === null ? undefined : { incident: of.id, severity: 'error', state: 'open' };
}

/** Names those who could not be told to everybody who may reach them. Gives who heard that. */
async function escalate(
  { id, message, again }: Pick<Occasion, 'id' | 'message'> & { readonly again: boolean },
  untold: readonly string[],
  shell: Shell,
): Promise<readonly string[]> {
  const { notifications, approval } = shell.plan;
  const others = [...new Set([...approval.escalation, ...notifications.failure])].filter(
    (role) => !untold.includes(role),
  );
  const said = untoldMessage(message, untold, shell.plan, again);
  const failing = await tellEach(`${id}/not-told/${untold.join(',')}`, others, said, shell);
  return others.filter((role) => !failing.has(role));
}

/** Once for each occasion and those who missed it. What cannot be kept keeps nobody from hearing. */
async function keepUntold(
  { id, message, of }: Occasion & { readonly of: object },
  untold: Heard['untold'],
  { store, now, log }: Shell,
): Promise<void> {
  const mark = notToldMark(id);
  const roles = Object.keys(untold);
  const kept = `${mark}/${roles.join(',')}`;
  try {
    if (await store.wasSent(kept)) return;
    const outcome = { roles, why: untold, ...message };
    await store.recordStep({ incident: of.id, execution: of.execution, step: mark, at: now(), outcome });
    await store.markSent(kept, now());
  } catch (error) {
    log.error('not kept that people were not told', { incident: of.id, execution: of.execution, error: String(error) });
  }
}

/** Tries all at once, for the caller's time is short. Gives who could not be told, and the failure of each. */
async function tellEach(
  id: string,
  roles: readonly string[],
  message: Telling,
  shell: Shell,
  hearers: readonly string[] = roles,
  blindly = false,
): Promise<ReadonlyMap<string, unknown>> {
  const all = [...new Set(roles)];
  const seen = once(() => usersSaid(shell));
  const sentTo = `Addressed to ${[...new Set(hearers)].join(', ')}.`;
  const tried = await Promise.allSettled(
    all.map((role) => tellOne(id, role, message, { seen, sentTo, blindly }, shell)),
  );
  const failing = new Map<string, unknown>();
  for (const [index, one] of tried.entries()) {
    const role = all[index] ?? '';
    if (one.status === 'fulfilled') continue;
    shell.log.error('not told', { role, error: String(one.reason) });
    failing.set(role, one.reason);
  }
  return failing;
}

type Seen = { readonly users: UsersNow['users']; readonly said: string };
const nobodyAsks: Seen = { users: 'unknown', said: '' };

/** A message waits no longer for what it says of users: whoever sends it has little time, and the rest of it must be heard. */
const longestLookMs = 3_000;

/** Where users stand, as observers see it; whatever cannot be read, or not in time, keeps nobody from hearing the rest. */
async function usersSaid(shell: Shell): Promise<Seen> {
  const { now, log } = shell;
  const late = shell.after(longestLookMs).then(() => Promise.reject(new Error(`not read in ${longestLookMs} ms`)));
  try {
    const seen = await Promise.race([usersSeen(shell), late]);
    return { users: seen.users, said: usersSentence(seen, now()) };
  } catch (error) {
    log.warn('not known where users stand', { error: String(error) });
    return { users: 'unknown', said: usersSentence(null, now()) };
  }
}

/** Where users stand, as observers see it. @throws what kept it from being read. */
export async function usersSeen({ store, plan, now }: Shell): Promise<UsersNow> {
  const roles = await store.readRoles();
  return usersNow(await store.readSignals(servingRegion(plan, roles), 0), roles, plan, now());
}

/** For all who hear the same: asked only where a message says it. */
function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | null = null;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}

async function tellOne(
  id: string,
  role: string,
  message: Telling,
  { seen, sentTo, blindly }: { readonly seen: () => Promise<Seen>; readonly sentTo: string; readonly blindly: boolean },
  shell: Shell,
): Promise<void> {
  const { store, now, log } = shell;
  const sent = `message:${id}:${role}`;
  const wasTold = await store.wasSent(sent).catch((error: unknown) => {
    if (!blindly) throw error;
    log.warn('not known whether a role was told', { role, error: String(error) });
    return false;
  });
  if (wasTold) return;
  const made = typeof message === 'function' ? await message(role) : message;
  const { users, said } = made.body.includes(usersLine) ? await seen() : nobodyAsks;
  const asSeen = besideFailing(made.subject, { users, said });
  const whole = `${withStage(withUsers(made.body, asSeen, shell.plan), stageOf(shell.prefix))}\n${sentTo}`;
  const line = subject(withFailing(made.subject, users === 'fail' ? 'all' : 'none'));
  const told = { ...made, subject: line, body: withRunbook(whole, shell.plan) };
  await send(id, role, told, shell);
  log.info('told', { role, subject: told.subject });
  // Who was told was told: without the mark a later try repeats it.
  await store
    .markSent(sent, now())
    .catch((error: unknown) =>
      log.warn('not kept that a role was told', { role, subject: told.subject, error: String(error) }),
    );
}

/**
 * By the first of the role's channels that takes it; the next ones say which failed. A channel whose messages do not all arrive is used beside
 * the next ones: a topic may have several addresses. It counts for nothing. @throws the first failure, where no other takes it.
 */
async function send(id: string, role: string, message: Message, shell: Shell): Promise<void> {
  const { ways, doubtful } = await waysOf(role, shell);
  const beside = doubtful.map((way) => sendBeside(way, id, message, shell));
  const [first] = doubtful;
  let failure: unknown;
  let said =
    first === undefined ? message : saidInstead(message, { channel: first.channel, why: 'messages do not arrive' });
  try {
    for (const way of ways) {
      try {
        return await sendBy(way, id, said, shell);
      } catch (error) {
        shell.log.error('channel failed', { role, channel: way.channel, error: whyOf(error) });
        failure ??= error;
        said = saidInstead(said, { channel: way.channel, why: whyOf(error) });
      }
    }
  } finally {
    await Promise.all(beside);
  }
  throw failure;
}

/** Once for each occasion: whoever is tried again by another channel does not get this one each time. Nothing comes of a failure. */
async function sendBeside(way: Doubtful, id: string, message: Message, shell: Shell): Promise<void> {
  const sent = `beside:${id}:${way.of}`;
  try {
    if (await shell.store.wasSent(sent)) return;
    await sendBy(way, id, message, shell);
    await shell.store.markSent(sent, shell.now());
  } catch (error) {
    shell.log.error('channel failed', { channel: way.channel, error: whyOf(error) });
  }
}

/** Whether messages by a role's first channel do not all arrive, and another one is used beside it. */
export async function isPassedOver(role: string, shell: Shell): Promise<boolean> {
  return (await waysOf(role, shell)).doubtful.length > 0;
}

type Doubtful = Extract<Way, { by: 'topic' }>;

/** A role's ways in the order of the plan, those that SNS could not deliver by last. `doubtful`: of these, what comes before one that delivers. */
async function waysOf(
  role: string,
  { plan, store, region, now, log }: Shell,
): Promise<{ readonly ways: readonly Way[]; readonly doubtful: readonly Doubtful[] }> {
  const ways = waysTo(role, plan.contacts[role]);
  if (ways.length === 1) return { ways, doubtful: [] };
  const isLost = async (way: Way): Promise<boolean> => {
    if (way.by !== 'topic') return false;
    const seen = undeliveredMarks(way.of, region, now()).map((mark) => store.wasSent(mark));
    return (await Promise.all(seen)).includes(true);
  };
  try {
    const lost = await Promise.all(ways.map(isLost));
    const sure = lost.indexOf(false);
    if (sure === -1) return { ways, doubtful: [] };
    const last = ways.filter((_, index) => index > sure && lost[index] === true);
    return {
      ways: [...ways.filter((_, index) => lost[index] === false), ...last],
      doubtful: ways.slice(0, sure).filter((way) => way.by === 'topic'),
    };
  } catch (error) {
    log.warn('not known which channel delivers', { role, error: String(error) });
    return { ways, doubtful: [] };
  }
}

async function sendBy(way: Way, id: string, message: Message, shell: Shell): Promise<void> {
  if (way.by === 'post') return post(way, message, `${shell.prefix}/${id}`, shell);
  const { subject, body } = publishedForm(way.channel, message, stageOf(shell.prefix));
  await publish(shell.region, topicArn(way.of, shell), subject, body);
}
