import { setTimeout } from "node:timers/promises";
import {
  type ConnectedSystem,
  Greatest,
  type ItemPage,
  openItemReader,
  type PulledPage,
  sinceOf,
} from "@inlet/connectors";
import type { Reason } from "@inlet/contracts";
import {
  type ClaimedPull,
  type CursorRow,
  type Database,
  type DuplicateSample,
  type PullProgress,
  pullCursor,
} from "@inlet/database";
import { type PullResult, type PullWork, progressOf } from "@inlet/pipeline";
import { failpoint } from "@inlet/runtime";
import { empty, hopeless, judgePull, uncounted } from "./judge-pull.ts";
import { canResume } from "./open-system.ts";
import { pageFault } from "./page-fault.ts";
import type { PullPlan } from "./pull-plan.ts";
import { beginSpool, removeSpool, resumeSpool, type Spool } from "./spool.ts";

/** What pulling for an import needs. */
export interface ImportParts {
  database: Database;
  dataFolder: string;
  /** How often it is kept how far a pull is. */
  keepMs: number;
}

/** Duplicates that are named. */
const MOST_SAMPLES = 20;
const SAMPLE_LENGTH = 200;

interface Pulling {
  parts: ImportParts;
  work: PullWork;
  plan: PullPlan;
  system: ConnectedSystem;
  /** Where the last import ended. Undefined: everything is asked for. */
  cursor: CursorRow | undefined;
  since: string | null;
}

/** Where a round of a pull begins: at its beginning, or after the page that was kept last. */
interface Round {
  spool: Spool;
  progress: PullProgress;
  rounds: number;
}

/**
 * Pulls a table: access, count, pages into a spool on the disk, count again. What came whole becomes a file; anything else stops
 * the pull, and nothing of it is imported.
 */
export async function importPull(
  parts: ImportParts,
  { work, plan, system }: { work: PullWork; plan: PullPlan; system: ConnectedSystem },
): Promise<PullResult> {
  const { pull, signal } = work;
  const resumed = isResumable(work, plan);
  const cursor = await cursorOf(parts.database, { pull, plan, resumed });
  const since = sinceOf(resumed ? pull.cursorFrom : (cursor?.cursor ?? null), plan.pull.incremental);
  const pulling: Pulling = { parts, work, plan, system, cursor, since };
  await system.checkAccess([plan.pull], signal);
  let round = (resumed ? await resume(pulling) : undefined) ?? (await begin(pulling, pull.rounds));
  for (;;) {
    const outcome = await oneRound(pulling, round);
    if (outcome !== "anew") return outcome;
    await round.spool.remove();
    work.logger.warn({ rounds: round.rounds + 1 }, "the number of items changed during a pull; it begins anew");
    round = await begin(pulling, round.rounds + 1);
  }
}

/** Whether an earlier attempt is gone on with: under the same profile, and where the system can. */
function isResumable({ pull }: PullWork, plan: PullPlan): boolean {
  const isSame = pull.asks === plan.asks && pull.profileVersion === pull.liveVersion;
  return isSame && pull.position !== null && pull.spool !== null && canResume(plan.system, plan.pull);
}

async function cursorOf(
  database: Database,
  { pull, plan, resumed }: { pull: ClaimedPull; plan: PullPlan; resumed: boolean },
): Promise<CursorRow | undefined> {
  const { projectId, tableName } = pull;
  const asksForAll = plan.pull.incremental === undefined || (resumed ? pull.cursorFrom === null : pull.full);
  return asksForAll ? undefined : await pullCursor(database, { projectId, tableName, asks: plan.asks });
}

const spoolName = ({ pullId, epoch }: ClaimedPull, rounds: number) => `${pullId}-${epoch}-${rounds}`;

async function resume({ parts, work, plan }: Pulling): Promise<Round | undefined> {
  const { pull, logger } = work;
  const kept = progressOf(pull);
  const terms = { dataFolder: parts.dataFolder, name: spoolName(pull, pull.rounds), hasKey: plan.hasKey };
  const spool = await resumeSpool(terms, { location: kept.spool!, sizeBytes: kept.spoolBytes });
  if (spool === undefined) {
    logger.warn({ spool: kept.spool }, "the spool of a pull is gone; it begins anew");
    return undefined;
  }
  const progress = { ...kept, spool: spool.location };
  await spool.sync();
  await work.keep(progress);
  await removeSpool(parts.dataFolder, kept.spool!);
  logger.info({ pages: kept.pages, received: kept.received }, "a pull goes on where it was");
  return { spool, progress, rounds: pull.rounds };
}

async function begin({ parts, work, plan, cursor, since }: Pulling, rounds: number): Promise<Round> {
  const { pull } = work;
  const cursorFrom = since === null ? null : (cursor?.cursor ?? pull.cursorFrom);
  await work.begin({
    ...{ profileVersion: pull.liveVersion, asks: plan.asks, cursorFrom, full: since === null },
    ...{ monitored: plan.monitored, rounds },
  });
  const terms = { dataFolder: parts.dataFolder, name: spoolName(pull, rounds), hasKey: plan.hasKey };
  const spool = await beginSpool(terms, plan.header);
  const progress: PullProgress = {
    ...{ position: null, spool: spool.location, spoolBytes: 0, pages: 0, expected: null, received: 0, duplicates: 0 },
    ...{ duplicateSamples: [], cursorTo: cursorFrom },
  };
  return { spool, progress, rounds };
}

async function oneRound(pulling: Pulling, round: Round): Promise<PullResult | "anew"> {
  const { plan, since, cursor } = pulling;
  const { spool } = round;
  try {
    const reason = await expect(pulling, round);
    if (reason !== undefined) return stop(round, reason);
    // Also where the system says that there is nothing: its pages may know better.
    const stopped = await takePages(pulling, round);
    if (stopped !== undefined) return stop(round, stopped);
    const { progress } = round;
    const again = plan.monitored ? await count(pulling) : null;
    const verdict = judgePull({
      ...{ table: plan.pull.table, monitored: plan.monitored, isIncremental: since !== null },
      ...{ expected: progress.expected, again, rounds: round.rounds },
      ...{ received: progress.received, duplicates: progress.duplicates },
    });
    switch (verdict.verdict) {
      case "anew":
        return "anew";
      case "stopped":
        return stop(round, verdict.reason);
      case "nothing new":
        return { end: "unchanged", progress: ended(round) };
      case "whole": {
        if (plan.monitored) round.progress = { ...progress, expected: verdict.records };
        return await finish(pulling, round, cursor);
      }
    }
  } catch (error) {
    // Nothing goes on with it; what a crash leaves the watcher sweeps.
    if (!canResume(plan.system, plan.pull)) await spool.remove();
    throw error;
  } finally {
    await spool.close();
  }
}

async function finish({ parts, work }: Pulling, round: Round, cursor: CursorRow | undefined): Promise<PullResult> {
  const { spool } = round;
  const file = await spool.finish();
  failpoint("puller.finished");
  const progress = ended(round);
  // Within the overlap the same items come again and again: what was imported as it is now is nothing new.
  if (cursor !== undefined && progress.cursorTo === cursor.cursor && cursor.sha256.equals(file.sha256)) {
    await removeSpool(parts.dataFolder, file.location);
    return { end: "unchanged", progress };
  }
  work.logger.debug({ sizeBytes: file.sizeBytes }, "all pages came");
  return { end: "received", progress: { ...progress, spoolBytes: file.sizeBytes }, file };
}

/** Of a pull that has ended there is no place to go on. */
const ended = ({ progress, spool }: Round): PullProgress => ({
  ...progress,
  position: null,
  spoolBytes: spool.sizeBytes,
});

function stop(round: Round, reason: Reason): PullResult {
  return { end: "stopped", reason, failedPage: null, progress: ended(round) };
}

const count = ({ plan, since, system, work }: Pulling) =>
  system.count({ pull: plan.pull, since, paths: plan.paths, key: plan.key, signal: work.signal });

/** Asks how many there are, once for each round. Resolves to why that ends the pull. */
async function expect(pulling: Pulling, round: Round): Promise<Reason | undefined> {
  const { plan, since, work } = pulling;
  if (!plan.monitored || round.progress.expected !== null) return undefined;
  const expected = await count(pulling);
  if (expected === null) return uncounted(plan.pull.table);
  round.progress = { ...round.progress, expected };
  if (expected === 0 && since === null) return empty(plan.pull.table);
  await work.keep({ ...round.progress, spool: null });
  failpoint("puller.counted");
  return undefined;
}

/** Takes the pages that are still to come into the spool. Resolves to why the pull can end well no more. */
async function takePages(pulling: Pulling, round: Round): Promise<Reason | undefined> {
  const { parts, work, plan, system, since } = pulling;
  const { spool } = round;
  const reader = openItemReader(plan.fields);
  const greatest = plan.fields.by && openGreatest(plan.fields.by.kind, round.progress.cursorTo);
  const resumes = canResume(plan.system, plan.pull);
  const from = round.progress.position;
  let keptMs = performance.now();
  let isKept = true;
  let idlePages = 0;
  const keep = async () => {
    await spool.sync();
    await work.keep(resumes ? round.progress : { ...round.progress, spool: null });
    keptMs = performance.now();
    isKept = true;
  };
  const pages = system.pages(
    { pull: plan.pull, since, from, paths: plan.paths, key: plan.key, signal: work.signal },
    (body, places) => reader.read(body, places),
  );
  const pageToCome = () => {
    const coming = nextPage(pages, round.progress.pages + 1);
    return isKept ? coming : keepingMeanwhile(coming, { keep, withinMs: keptMs + parts.keepMs - performance.now() });
  };
  for (;;) {
    const page = await pageToCome();
    if (page === undefined) return undefined;
    work.signal.throwIfAborted();
    const { content, next } = page;
    const taken = await spool.take(content);
    idlePages = content.itemCount > 0 && taken.fresh === 0 ? idlePages + 1 : 0;
    const cursorTo = greatest ? greatest.show(content, page.number) : round.progress.cursorTo;
    const { received, duplicates, duplicateSamples } = round.progress;
    round.progress = {
      ...round.progress,
      ...{ position: resumes ? (next as PullProgress["position"]) : null, spoolBytes: spool.sizeBytes, cursorTo },
      ...{ pages: page.number, received: received + taken.fresh, duplicates: duplicates + taken.duplicates.length },
      duplicateSamples: sampled(duplicateSamples, page, taken.duplicates),
    };
    const { expected } = round.progress;
    const reason = hopeless({
      ...{ ...round.progress, expected, table: plan.pull.table, idlePages },
      ...{ sizeBytes: spool.sizeBytes, mostBytes: plan.mostBytes },
    });
    if (reason !== undefined) return reason;
    failpoint("puller.page");
    // After the last page there is no place to go on at.
    isKept = next === null;
    if (!isKept && performance.now() - keptMs >= parts.keepMs) await keep();
  }
}

/**
 * Waits for a page. What came before it is kept when it takes long, and when it fails: so everybody sees how much came, and it is
 * not pulled again.
 */
async function keepingMeanwhile<Page>(
  coming: Promise<Page>,
  { keep, withinMs }: { keep: () => Promise<void>; withinMs: number },
): Promise<Page> {
  const came = new AbortController();
  const settled = coming.then(
    () => true,
    () => false,
  );
  const slow = setTimeout(Math.max(0, withinMs), "slow" as const, { signal: came.signal });
  slow.catch(() => {});
  const first = await Promise.race([settled, slow]);
  came.abort();
  if (first !== true) await keep();
  return await coming;
}

async function nextPage<Content extends ItemPage>(
  pages: AsyncGenerator<PulledPage<Content>, void, undefined>,
  number: number,
): Promise<PulledPage<Content> | undefined> {
  try {
    const { value, done } = await pages.next();
    return done ? undefined : (value as PulledPage<Content>);
  } catch (error) {
    throw pageFault(error, number);
  }
}

/** The greatest change time or key of all pages. */
function openGreatest(kind: "time" | "key", from: string | null) {
  const greatest = new Greatest(kind);
  const show = (text: string) => {
    const bytes = Buffer.from(text);
    greatest.show(bytes, 0, bytes.length);
  };
  if (from !== null) show(from);
  return {
    /** @throws AppError naming the page when a value cannot be read */
    show(page: ItemPage, number: number): string | null {
      try {
        const text = page.greatestBy();
        if (text !== null) show(text);
        return greatest.text;
      } catch (error) {
        throw pageFault(error, number);
      }
    },
  };
}

function sampled(
  known: readonly DuplicateSample[],
  { content, number }: PulledPage<ItemPage>,
  duplicates: readonly { item: number; same: boolean }[],
): readonly DuplicateSample[] {
  const room = MOST_SAMPLES - known.length;
  if (room <= 0 || duplicates.length === 0) return known;
  const more = duplicates.slice(0, room).map(({ item, same }) => {
    const key = content.keyOf(item);
    const text = key.length === 1 ? key[0]! : JSON.stringify(key);
    // PostgreSQL's text and jsonb have no place for NUL, nor for half of a character.
    return { key: text.replaceAll("\0", "\u2400").slice(0, SAMPLE_LENGTH).toWellFormed(), same, page: number };
  });
  return [...known, ...more];
}
