import { createHash } from "node:crypto";
import {
  addLoginScore,
  type BanPolicy,
  type Database,
  forgetLoginScores,
  remainingBan,
  takeLoginScoreBack,
} from "@inlet/database";
import ipaddr from "ipaddr.js";

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;

/**
 * Ten guesses at one login within a quarter of an hour lock it for a minute, and twice as long each time within a day, up
 * to an hour: some 30 guesses an hour at the most, from however many addresses. Whoever knows a login can lock it, so
 * it is never locked for long, and sessions that are open stay open.
 */
const BY_LOGIN: BanPolicy = {
  limit: 10,
  windowMs: 15 * MINUTE_MS,
  banMs: MINUTE_MS,
  maxBanMs: 60 * MINUTE_MS,
  forgetAfterMs: DAY_MS,
};

/** Thirty guesses from one address within half an hour lock it for a quarter, and twice as long each time, up to a day. */
const BY_ADDRESS: BanPolicy = {
  limit: 30,
  windowMs: 30 * MINUTE_MS,
  banMs: 15 * MINUTE_MS,
  maxBanMs: DAY_MS,
  forgetAfterMs: DAY_MS,
};

/** What a guess was counted as. */
export interface Counted {
  /** How long nothing more is tried, in milliseconds; 0: this guess may be tried. */
  lockedMs: number;
  /** What this very guess locked. */
  locks: ("login" | "address")[];
}

interface Guess {
  /** As it was normalised; it need not be anybody's. */
  login: string;
  address: string;
}

/**
 * Counts a guess before it is tried, so that of a thousand at once no more are tried than one after the other. The scores
 * are those of the SFTP gateway's defender, in a room of their own: who guesses here is not kept out there.
 */
export async function countGuess(database: Database, guess: Guess): Promise<Counted> {
  const keys = keysOf(guess);
  const before = await longestBan(database, keys);
  if (before > 0) return { lockedMs: before, locks: [] };
  const locks: Counted["locks"] = [];
  for (const { what, key, policy } of keys) {
    if ((await addLoginScore(database, { address: key, points: 1 }, policy)) > 0) locks.push(what);
  }
  return { lockedMs: await longestBan(database, keys), locks };
}

/** Takes a guess back that was none: the password was right. The login's earlier ones are forgiven, the address's stay. */
export async function forgiveGuess(database: Database, guess: Guess): Promise<void> {
  for (const { what, key, policy } of keysOf(guess)) {
    await takeLoginScoreBack(database, { address: key, points: what === "login" ? policy.limit : 1 });
  }
  await forgetLoginScores(database, BY_ADDRESS);
}

function keysOf({ login, address }: Guess) {
  // A hash, because people type their passwords into the wrong field.
  const loginKey = createHash("sha256").update(login).digest("hex");
  return [
    { what: "login", key: `login/${loginKey}`, policy: BY_LOGIN },
    { what: "address", key: `console/${networkOf(address)}`, policy: BY_ADDRESS },
  ] as const;
}

async function longestBan(database: Database, keys: ReturnType<typeof keysOf>): Promise<number> {
  const remaining = await Promise.all(keys.map(({ key }) => remainingBan(database, key)));
  return Math.max(...remaining);
}

/** Whoever has one IPv6 address has the 2^64 of its network too. */
function networkOf(address: string): string {
  if (!ipaddr.isValid(address)) return "unknown";
  const parsed = ipaddr.process(address);
  if (parsed.kind() === "ipv4") return parsed.toString();
  return `${ipaddr.IPv6.networkAddressFromCIDR(`${parsed.toString()}/64`).toString()}/64`;
}
