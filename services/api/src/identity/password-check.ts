import { hashPassword, verifyPassword } from "@inlet/runtime";
import { Refusal } from "../requests/errors.ts";

/** Whoever comes when this many wait would wait for some ten seconds. */
const MOST_WAITING = 40;

let waiting = 0;
let turn: Promise<unknown> = Promise.resolve();

/** One at a time: a flood of passwords must not take the threads that serve files, nor the memory. */
async function inTurn<T>(work: () => Promise<T>): Promise<T> {
  if (waiting >= MOST_WAITING) {
    const message = "Too many people sign in at this moment. Try again in a few seconds.";
    throw new Refusal(429, "too_many_sign_ins", message, undefined, { retryAfterSeconds: 5 });
  }
  waiting += 1;
  const result = turn.then(work).finally(() => {
    waiting -= 1;
  });
  turn = result.catch(() => {});
  return await result;
}

/** Hashes a password that is set. */
export const hashInTurn = (password: string): Promise<string> => inTurn(() => hashPassword(password));

/**
 * Whether a password is a user's. Where there is no user, or none with a password, it is compared with one that nobody
 * knows: the answer takes as long.
 */
export async function isPasswordOf(passwordHash: string | null | undefined, password: string): Promise<boolean> {
  const stored = passwordHash ?? (await decoyHash());
  const matches = await inTurn(() => verifyPassword(password, stored));
  return matches && passwordHash != null;
}

let decoy: Promise<string> | undefined;

/** A hash that matches nothing that anybody knows. Made before the first sign-in, which else would take twice as long. */
export function decoyHash(): Promise<string> {
  decoy ??= hashPassword(crypto.randomUUID());
  return decoy;
}
