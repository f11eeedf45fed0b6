import { InvariantBroken, type Profile, Unavailable } from "@inlet/contracts";
import {
  asUnavailable,
  type Database,
  type LinkFacts,
  linkFacts,
  linkKey,
  profileAt,
  revokedRecords,
  storyboardAt,
} from "@inlet/database";
import { type Logger, unseal } from "@inlet/runtime";
import { createGate } from "../limits/gate.ts";
import { Lru } from "../limits/lru.ts";
import { ownAddress } from "./hosts.ts";
import type { LinkedBatch, ShownStoryboard } from "./linked-batch.ts";

/** What is known of batches, without asking PostgreSQL for each view. */
export interface LinkBook {
  /**
   * What is known of a batch, if it is recent enough to act on; while PostgreSQL is away, what was known last, for a while.
   */
  recall(batchId: number): LinkedBatch | undefined;
  /**
   * Asks PostgreSQL now. Undefined: there is no such batch.
   * @throws Unavailable when PostgreSQL does not answer soon
   */
  look(batchId: number): Promise<LinkedBatch | undefined>;
  /** For `/readyz`. @throws with the reason when nothing has been heard of PostgreSQL for too long */
  assertInformed(): Promise<void>;
  close(): void;
}

interface LinkBookOptions {
  database: Database;
  keyEncryptionKey: Buffer;
  logger: Logger;
  /** How old knowledge may be: what is revoked closes within this time. */
  maxAgeMs: number;
}

/** A batch that was viewed within this time is kept up to date in the background, so that its next view does not wait. */
const WARM_MS = 10 * 60_000;
/** While PostgreSQL is away, links go on opening for this long. Then a revocation could be too old news. */
const MAX_SILENCE_MS = 5 * 60_000;
const MAX_BATCHES = 5_000;
const MAX_STORYBOARDS = 300;
const BATCHES_PER_QUERY = 500;
/** How long somebody who opens a link waits for PostgreSQL. */
const LOOK_TIMEOUT_MS = 3_000;

interface Entry {
  batch: LinkedBatch;
  facts: LinkFacts;
  /** When the statement was sent that told this. */
  askedAtMs: number;
  usedAtMs: number;
}

/**
 * Opens the book. It asks PostgreSQL for the warm batches, all at once, three times within `maxAgeMs`; a PostgreSQL that does not
 * answer within a third of it counts as away. So that is known before what it said last is too old, and no view waits for it.
 */
export function openLinkBook({ database, keyEncryptionKey, logger, maxAgeMs }: LinkBookOptions): LinkBook {
  const entries = new Lru<number, Entry>(MAX_BATCHES);
  // What never changes.
  const profiles = new Lru<string, Profile>(1_000);
  const keys = new Lru<number, Buffer>(1_000);
  const storyboards = new Lru<string, ShownStoryboard>(MAX_STORYBOARDS);
  const gate = createGate({ atOnce: 4, maxWaiting: 200, maxWaitMs: LOOK_TIMEOUT_MS });
  let heardAtMs: number | undefined;
  let away = false;

  async function ask<T>(query: () => Promise<T>, timeoutMs = LOOK_TIMEOUT_MS): Promise<T> {
    try {
      const answer = await withTimeout(query(), timeoutMs);
      if (away) logger.info("postgres is back");
      away = false;
      heardAtMs = performance.now();
      return answer;
    } catch (error) {
      const cause = asUnavailable(error);
      if (cause instanceof Unavailable) {
        if (!away) logger.warn({ err: error }, "postgres is away; known links go on opening for a while");
        away = true;
      }
      throw cause;
    }
  }

  /** Writes into the book what PostgreSQL says now. A batch that is not there, or cannot be made out, is struck out. */
  async function read(batchIds: readonly number[], timeoutMs?: number): Promise<void> {
    const askedAtMs = performance.now();
    const found = new Map(
      (await ask(() => linkFacts(database, batchIds), timeoutMs)).map((facts) => [facts.batchId, facts]),
    );
    for (const batchId of batchIds) {
      const known = entries.get(batchId);
      const facts = found.get(batchId);
      if (known !== undefined && known.askedAtMs > askedAtMs) continue;
      const batch = facts && (await describe(facts, known).catch(strikeOut));
      if (facts === undefined || batch === undefined) entries.delete(batchId);
      else entries.set(batchId, { batch, facts, askedAtMs, usedAtMs: known?.usedAtMs ?? askedAtMs });
    }
  }

  /** One batch with a damaged row must not keep the others from being refreshed. */
  function strikeOut(err: unknown): undefined {
    if (err instanceof Unavailable) throw err;
    logger.error({ err }, "a batch's links cannot be opened");
  }

  async function describe(facts: LinkFacts, known: Entry | undefined): Promise<LinkedBatch> {
    const profile = await profileOf(facts);
    const table = profile.tables.find(({ name }) => name === facts.tableName);
    const { canonical, index } = facts;
    const sameRevocations = known !== undefined && known.facts.revocationsMark === facts.revocationsMark;
    return {
      batchId: facts.batchId,
      projectId: facts.projectId,
      status: facts.status,
      imported: facts.importedAt !== null,
      rehearsal: facts.rehearsal,
      delivered: facts.delivered,
      key: facts.linkKeyId === null ? undefined : await keyOf(facts.linkKeyId),
      expiresAt: facts.linksExpireAt ?? undefined,
      files:
        canonical && index && table ? { canonical, index, columns: table.columns.map(({ name }) => name) } : undefined,
      page: profile.links?.page,
      storyboard: await storyboardOf(facts, profile),
      ownAddress: profile.links?.address === undefined ? undefined : ownAddress(profile.links.address),
      sender: profile.title ?? profile.project,
      revoked: facts.revoked,
      revokedRecords: sameRevocations
        ? known.batch.revokedRecords
        : new Set(await ask(() => revokedRecords(database, facts.batchId))),
    };
  }

  async function profileOf({ projectId, profileVersion: version }: LinkFacts): Promise<Profile> {
    const name = `${projectId}:${version}`;
    const profile = profiles.get(name) ?? (await ask(() => profileAt(database, { projectId, version })));
    profiles.set(name, profile);
    return profile;
  }

  /** Which version is shown: the batch's own, or the one that is live, as its profile says. */
  async function storyboardOf(facts: LinkFacts, { links }: Profile): Promise<ShownStoryboard | undefined> {
    const { projectId, storyboardVersion, liveStoryboard } = facts;
    const version = links?.storyboard === "follow" ? (liveStoryboard ?? storyboardVersion) : storyboardVersion;
    if (version === null) return undefined;
    const name = `${projectId}:${version}`;
    const storyboard = storyboards.get(name) ?? (await ask(() => readStoryboard(projectId, version)));
    storyboards.set(name, storyboard);
    return storyboard;
  }

  async function readStoryboard(projectId: number, version: number): Promise<ShownStoryboard> {
    const stored = await storyboardAt(database, { projectId, version });
    if (stored === undefined) {
      const message = `Project ${projectId} has no version ${version} of its storyboard.`;
      throw new InvariantBroken({ code: "storyboard_missing", message });
    }
    const assets = Object.fromEntries(stored.assets.map((asset) => [asset.name, asset]));
    return { projectId, version, storyboard: stored.document, assets };
  }

  async function keyOf(id: number): Promise<Buffer | undefined> {
    const known = keys.get(id);
    if (known !== undefined) return known;
    const stored = await ask(() => linkKey(database, id));
    if (stored === undefined) return undefined;
    const key = unseal(keyEncryptionKey, stored.sealed, `link-key:${stored.clientId}`);
    keys.set(id, key);
    return key;
  }

  async function refresh(): Promise<void> {
    const nowMs = performance.now();
    const warm: number[] = [];
    for (const [batchId, entry] of [...entries.entries()]) {
      if (nowMs - entry.usedAtMs <= WARM_MS) warm.push(batchId);
      else entries.delete(batchId);
    }
    // Without anything warm one empty look still tells whether PostgreSQL is there.
    for (let from = 0; from === 0 || from < warm.length; from += BATCHES_PER_QUERY) {
      await read(warm.slice(from, from + BATCHES_PER_QUERY), maxAgeMs / 3);
    }
  }

  const refreshing = repeat(refresh, maxAgeMs / 3, (err) => {
    if (!(err instanceof Unavailable)) logger.error({ err }, "could not refresh what is known of batches");
  });

  return {
    recall(batchId) {
      const entry = entries.get(batchId);
      if (entry === undefined) return undefined;
      const nowMs = performance.now();
      entry.usedAtMs = nowMs;
      const ageMs = nowMs - entry.askedAtMs;
      return ageMs <= maxAgeMs || (away && ageMs <= MAX_SILENCE_MS) ? entry.batch : undefined;
    },
    async look(batchId) {
      return await gate.run(async () => {
        await read([batchId]);
        return entries.get(batchId)?.batch;
      });
    },
    async assertInformed() {
      if (heardAtMs === undefined) await ask(() => linkFacts(database, []));
      else if (performance.now() - heardAtMs > MAX_SILENCE_MS) {
        throw new Error("nothing has been heard of PostgreSQL for too long");
      }
    },
    close: () => refreshing.stop(),
  };
}

async function withTimeout<T>(query: Promise<T>, timeoutMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable({ code: "database_unavailable", message: "PostgreSQL did not answer in time." }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([query, timedOut]);
  } finally {
    clearTimeout(timer);
  }
}

/** Runs `work` again and again, `everyMs` after its last end, until stopped. */
function repeat(work: () => Promise<void>, everyMs: number, onError: (error: unknown) => void): { stop(): void } {
  let stopped = false;
  let timer: NodeJS.Timeout;
  const turn = async () => {
    await work().catch(onError);
    if (!stopped) timer = setTimeout(turn, everyMs);
  };
  timer = setTimeout(turn, everyMs);
  return {
    stop() {
      stopped = true;
      clearTimeout(timer);
    },
  };
}
