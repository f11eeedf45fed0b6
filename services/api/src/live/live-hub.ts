import type { BatchChange, ResetReason, RunChange } from "@inlet/contracts";
import type { BatchState, RunState } from "@inlet/database";
import type { Changes } from "@inlet/pipeline";
import { type Audience, audienceKey, isBatchFor, isRunFor } from "./audience.ts";
import { type EventStream, formatEvent, HEARTBEAT } from "./event-stream.ts";
import { batchChange, runChange } from "./states.ts";

/** Changes are gathered for so long, and read in one statement for everybody. */
const TICK_MS = 250;
/** A run's statuses are counted: that is dearer, and nobody needs it four times a second. */
const RUN_TICK_MS = 1_000;
/** Batches read in one statement. More than these wait for the next tick. */
const MOST_AT_ONCE = 2_000;
/** More than these waiting means that the database is behind: everybody is told to ask anew instead. */
const MOST_WAITING = 20_000;
export const HEARTBEAT_MS = 15_000;

/** What the hub reads, and where it says what went wrong. */
interface LiveParts {
  readBatches(ids: readonly number[]): Promise<BatchState[]>;
  readRuns(ids: readonly number[]): Promise<RunState[]>;
  /** Begins every event's id: one from another process, or from before a restart, is known by it. */
  token: string;
  onError(error: unknown): void;
}

/** All open streams of this process, and what they are told. */
export interface LiveHub {
  /** Takes changes in; they are told of within a tick. */
  changed(changes: Changes): void;
  /** Tells everybody to ask anew. */
  reset(reason: ResetReason): void;
  add(stream: EventStream, audience: Audience): void;
  remove(stream: EventStream): void;
  event(name: "ready" | "reset", data: object): Buffer;
  readonly size: number;
  close(): void;
}

interface Group {
  audience: Audience;
  streams: Set<EventStream>;
}

/** Opens the hub. What changed is read once, and written once for all streams that are told the same. */
export function openLiveHub({ readBatches, readRuns, token, onError }: LiveParts): LiveHub {
  const groups = new Map<string, Group>();
  const keys = new Map<EventStream, string>();
  const batches = new Set<number>();
  const runs = new Set<number>();
  /** Of the runs that wait: the batches that changed with them. */
  let recent: BatchState[] = [];
  let isReading = false;
  let runsReadAtMs = 0;
  let count = 0;

  const event = (name: string, data: string) => formatEvent(name, data, `${token}-${++count}`);

  function tell(name: "batches" | "runs", itemsFor: (audience: Audience) => readonly string[]): void {
    for (const { audience, streams } of groups.values()) {
      const items = itemsFor(audience);
      if (items.length === 0) continue;
      const message = event(name, `[${items.join(",")}]`);
      for (const stream of streams) stream.write(message);
    }
  }

  async function tellBatches(): Promise<void> {
    const ids = take(batches, MOST_AT_ONCE);
    if (ids.length === 0) return;
    const states = await orBack(readBatches(ids), batches, ids);
    const written = states.map((state) => ({ state, text: JSON.stringify(batchChange(state) satisfies BatchChange) }));
    tell("batches", (audience) => written.flatMap(({ state, text }) => (isBatchFor(audience, state) ? [text] : [])));
    for (const { runId } of states) runs.add(runId);
    recent.push(...states);
  }

  async function tellRuns(): Promise<void> {
    if (runs.size === 0 || performance.now() - runsReadAtMs < RUN_TICK_MS) return;
    const ids = take(runs, MOST_AT_ONCE);
    const states = await orBack(readRuns(ids), runs, ids);
    runsReadAtMs = performance.now();
    const changedWith = recent;
    // Those of runs that wait still are asked about with them.
    recent = recent.filter(({ runId }) => runs.has(runId));
    const written = states.map((state) => ({ state, text: JSON.stringify(runChange(state) satisfies RunChange) }));
    tell("runs", (audience) =>
      written.flatMap(({ state, text }) => (isRunFor(audience, state, changedWith) ? [text] : [])),
    );
  }

  async function tick(): Promise<void> {
    if (isReading) return;
    if (keys.size === 0) return forget();
    isReading = true;
    try {
      await tellBatches();
      await tellRuns();
    } catch (error) {
      onError(error);
    } finally {
      isReading = false;
    }
  }

  function forget(): void {
    batches.clear();
    runs.clear();
    recent = [];
  }

  function reset(reason: ResetReason): void {
    forget();
    const message = event("reset", JSON.stringify({ reason }));
    for (const stream of keys.keys()) stream.write(message);
  }

  const ticking = setInterval(() => void tick(), TICK_MS);
  const beating = setInterval(() => {
    for (const stream of keys.keys()) stream.write(HEARTBEAT);
  }, HEARTBEAT_MS);

  return {
    changed(changes) {
      for (const id of changes.batches) batches.add(id);
      for (const id of changes.runs) runs.add(id);
      if (batches.size + runs.size > MOST_WAITING) reset("behind");
    },
    reset,
    add(stream, audience) {
      const key = audienceKey(audience);
      const group = groups.get(key) ?? { audience, streams: new Set() };
      groups.set(key, group);
      group.streams.add(stream);
      keys.set(stream, key);
    },
    remove(stream) {
      const key = keys.get(stream);
      if (key === undefined) return;
      keys.delete(stream);
      const group = groups.get(key)!;
      group.streams.delete(stream);
      if (group.streams.size === 0) groups.delete(key);
    },
    event: (name, data) => event(name, JSON.stringify(data)),
    get size() {
      return keys.size;
    },
    close() {
      clearInterval(ticking);
      clearInterval(beating);
      for (const stream of [...keys.keys()]) stream.end();
    },
  };
}

function take(ids: Set<number>, most: number): number[] {
  const taken = [...ids].slice(0, most);
  for (const id of taken) ids.delete(id);
  return taken;
}

/** What could not be read is asked for again in the next tick. */
async function orBack<T>(reading: Promise<T>, ids: Set<number>, taken: readonly number[]): Promise<T> {
  try {
    return await reading;
  } catch (error) {
    for (const id of taken) ids.add(id);
    throw error;
  }
}
