// The task tokens given out, and the answers that come back on them.
import { apiError } from '../errors.ts';
import { randomHex } from '../expressions/functions.ts';

export type TokenAnswer = { output: string } | { error: string; cause: string } | 'heartbeat';

/** AWS's tokens are long opaque base64; anything shorter or in another alphabet was not one. */
const wellFormed = /^[A-Za-z0-9+/]{48,1024}={0,2}$/;

export class TaskTokens {
  readonly #random: () => number;
  /** Each token with the state machine whose execution waits for it. */
  readonly #issued = new Map<string, string>();
  readonly #pending = new Map<string, (answer: TokenAnswer) => void>();

  constructor(random: () => number) {
    this.#random = random;
  }

  issue(stateMachineArn: string): string {
    const token = Buffer.from(`${this.#issued.size}:${randomHex(this.#random, 48)}`).toString('base64');
    this.#issued.set(token, stateMachineArn);
    return token;
  }

  /** The state machine whose execution waits for a token; null for one that was never issued. */
  ownerOf(token: string): string | null {
    return this.#issued.get(token) ?? null;
  }

  open(token: string, answer: (answer: TokenAnswer) => void): void {
    this.#pending.set(token, answer);
  }

  /** From now on the token has timed out, as AWS says whatever the reason. */
  close(token: string): void {
    this.#pending.delete(token);
  }

  answer(token: string, answer: TokenAnswer): void {
    if (typeof token !== 'string' || !wellFormed.test(token)) {
      throw apiError('InvalidToken', "Invalid Token: 'Invalid token'");
    }
    if (!this.#issued.has(token)) {
      throw apiError('TaskDoesNotExist', "Task does not exist: 'No task has this token'");
    }
    const pending = this.#pending.get(token);
    if (pending === undefined) {
      throw apiError('TaskTimedOut', "Task Timed Out: 'Provided task does not exist anymore'");
    }
    pending(answer);
  }
}
