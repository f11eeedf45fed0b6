import { addLoginScore, type BanPolicy, type Database, forgetLoginScores, remainingBan } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { listHolds, scoreKey } from "./addresses.ts";
import { audit } from "./context.ts";

/** What a failed login costs (the scores of SFTPGo's defender). */
export const POINTS = { unknownUser: 2, badCredential: 1, overLimit: 3 } as const;

const MINUTE_MS = 60_000;
/** 15 points within 30 minutes ban for 30 minutes, and twice as long each time within a day, up to a day. */
const POLICY: BanPolicy = {
  limit: 15,
  windowMs: 30 * MINUTE_MS,
  banMs: 30 * MINUTE_MS,
  maxBanMs: 24 * 60 * MINUTE_MS,
  forgetAfterMs: 24 * 60 * MINUTE_MS,
};

/** A ban is asked for again after this time, so that an operator can lift it. */
const REMEMBER_BAN_MS = 3_000;
const REMEMBERED_BANS = 10_000;

interface DefenderOptions {
  database: Database;
  logger: Logger;
  /** CIDRs that are never banned. */
  neverBan: readonly string[];
  banMs?: number;
}

/** Counts failed logins per address, together with the other gateways, and keeps guessers out for a while. */
export class Defender {
  readonly #database: Database;
  readonly #logger: Logger;
  readonly #neverBan: readonly string[];
  readonly #policy: BanPolicy;
  /** Banned addresses and until when that is believed without asking: a flood of connections costs no queries. */
  readonly #banned = new Map<string, number>();

  constructor({ database, logger, neverBan, banMs = POLICY.banMs }: DefenderOptions) {
    this.#database = database;
    this.#logger = logger;
    this.#neverBan = neverBan;
    this.#policy = { ...POLICY, banMs, maxBanMs: Math.max(POLICY.maxBanMs, banMs) };
  }

  /** Whether an address is kept out now. A database that is away bans nobody: it lets nobody log in either. */
  async isBanned(address: string): Promise<boolean> {
    if (listHolds(this.#neverBan, address)) return false;
    const key = scoreKey(address);
    const believedUntil = this.#banned.get(key);
    if (believedUntil !== undefined && performance.now() < believedUntil) return true;
    this.#banned.delete(key);
    try {
      const remainingMs = await remainingBan(this.#database, key);
      if (remainingMs > 0) this.#remember(key, remainingMs);
      return remainingMs > 0;
    } catch (err) {
      this.#logger.warn({ err }, "could not ask for bans");
      return false;
    }
  }

  /** Counts a failure; the one that reaches the limit begins a ban. Resolves to whether it did. */
  async score(
    address: string,
    points: number,
    { actor, session }: { actor: string; session: string },
  ): Promise<boolean> {
    if (listHolds(this.#neverBan, address)) return false;
    const key = scoreKey(address);
    try {
      const banMs = await addLoginScore(this.#database, { address: key, points }, this.#policy);
      if (banMs === 0) return false;
      this.#remember(key, banMs);
      const minutes = Math.round(banMs / MINUTE_MS);
      this.#logger.warn({ address: key, minutes }, "an address is banned for failed logins");
      const detail = { scored: key, banSeconds: Math.round(banMs / 1000) };
      await audit(
        { database: this.#database, logger: this.#logger },
        { actor, address, session, action: "ban", outcome: "banned", detail },
      );
      return true;
    } catch (err) {
      this.#logger.warn({ err }, "could not count a failed login");
      return false;
    }
  }

  /** Removes what counts no more. */
  async forgetOld(): Promise<void> {
    await forgetLoginScores(this.#database, this.#policy);
  }

  #remember(key: string, remainingMs: number): void {
    if (this.#banned.size >= REMEMBERED_BANS) this.#banned.clear();
    this.#banned.set(key, performance.now() + Math.min(remainingMs, REMEMBER_BAN_MS));
  }
}
