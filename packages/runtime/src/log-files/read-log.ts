import { type FileHandle, open, readdir, stat } from "node:fs/promises";
import { join } from "node:path";
import { openedMsOf } from "./log-file-name.ts";

/** Bytes that are searched at most before the time asked for is cut shorter. */
const MOST_BYTES = 64 * 1024 * 1024;
/** Lines that are held at once. */
const MOST_LINES = 5_000;
const CHUNK_BYTES = 256 * 1024;
/** Longer lines are not ours. */
const LINE_BYTES = 1024 * 1024;
/** Hosts' clocks, and a file system's, differ by less; lines reach their file within it. */
const SLACK_MS = 60_000;
/** A clock that is set back makes lines of one file stand in another order than their times. */
const STEP_MS = 2_000;

/** A place between two lines of the log: so many lines of that millisecond were read. */
export interface LogPlace {
  atMs: number;
  skip: number;
}

/** A line of a log file, as it was written. */
export interface LogLine {
  timeMs: number;
  entry: Readonly<Record<string, unknown>>;
}

/** A part of what was looked for. */
export interface LogPart {
  lines: LogLine[];
  /** Where to go on; undefined: that is all. */
  next: LogPlace | undefined;
}

interface Span {
  path: string;
  from: number;
  to: number;
}

/** When the oldest file was begun that is kept; undefined: there is none. */
export async function logKeptSince(folder: string): Promise<number | undefined> {
  const opened = (await namesIn(folder)).map((name) => openedMsOf(name)!);
  return opened.length === 0 ? undefined : Math.min(...opened);
}

/**
 * Finds the lines about a batch in the files of all services, oldest first. Files are searched by bytes, and only where
 * lines of the time lie, which is found by halves; so the cost is that of the time, not of the log. The search is bounded:
 * a part may hold few lines, or none, and say where to go on.
 */
export async function readBatchLog(
  folder: string,
  {
    batchId,
    fromMs,
    toMs,
    after,
    limit,
  }: { batchId: number; fromMs: number; toMs: number; after?: LogPlace | undefined; limit: number },
): Promise<LogPart> {
  const beginMs = after?.atMs ?? fromMs;
  const names = await namesIn(folder);
  for (let endMs = toMs; ; endMs = beginMs + Math.floor((endMs - beginMs) / 2)) {
    const spans = await spansOf(folder, names, beginMs, endMs);
    const isShort = endMs - beginMs <= STEP_MS;
    if (!isShort && spans.reduce((sum, { from, to }) => sum + to - from, 0) > MOST_BYTES) continue;
    const found: LogLine[] = [];
    for (const span of spans) await search(span, batchId, found);
    const inTime = found.filter(({ timeMs }) => timeMs >= beginMs && timeMs <= endMs);
    if (!isShort && inTime.length > MOST_LINES) continue;
    // Stable: of one millisecond, in the order of the files' names and of their lines.
    inTime.sort((a, b) => a.timeMs - b.timeMs);
    const passed =
      after === undefined ? 0 : Math.min(after.skip, inTime.filter(({ timeMs }) => timeMs === beginMs).length);
    const lines = inTime.slice(passed, passed + limit);
    return { lines, next: nextOf({ inTime, taken: passed + lines.length, endMs, toMs }) };
  }
}

function nextOf({
  inTime,
  taken,
  endMs,
  toMs,
}: {
  inTime: readonly LogLine[];
  taken: number;
  endMs: number;
  toMs: number;
}): LogPlace | undefined {
  if (taken < inTime.length) {
    const atMs = inTime[taken - 1]!.timeMs;
    return { atMs, skip: inTime.slice(0, taken).filter(({ timeMs }) => timeMs === atMs).length };
  }
  return endMs < toMs ? { atMs: endMs + 1, skip: 0 } : undefined;
}

async function namesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(() => []);
  return names.filter((name) => openedMsOf(name) !== undefined).sort();
}

/** Of each file the bytes in which lines of the time may lie. */
async function spansOf(folder: string, names: readonly string[], fromMs: number, toMs: number): Promise<Span[]> {
  const spans: Span[] = [];
  for (const name of names) {
    if (openedMsOf(name)! > toMs + SLACK_MS) continue;
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found === undefined || found.mtimeMs < fromMs - SLACK_MS) continue;
    const file = await open(path).catch(() => undefined);
    if (file === undefined) continue;
    try {
      const from = await firstLineAt(file, found.size, fromMs - STEP_MS);
      const to = await firstLineAt(file, found.size, toMs + STEP_MS);
      if (to > from) spans.push({ path, from, to });
    } finally {
      await file.close();
    }
  }
  return spans;
}

const TIME = /^\{"level":\d+,"time":"([^"]{20,30})"/;

/** The offset of the first line whose time is not before the one given, by halves; the size, when there is none. */
async function firstLineAt(file: FileHandle, sizeBytes: number, timeMs: number): Promise<number> {
  let low = 0;
  let high = sizeBytes;
  while (low < high) {
    const middle = low + Math.floor((high - low) / 2);
    const line = await lineFrom(file, middle, sizeBytes);
    if (line === undefined || line.timeMs >= timeMs) high = middle;
    else low = line.end;
  }
  return low;
}

/** The first line with a time that begins at or after an offset (an offset within a line belongs to the one before). */
async function lineFrom(
  file: FileHandle,
  offset: number,
  before: number,
): Promise<{ at: number; end: number; timeMs: number } | undefined> {
  let at = offset === 0 ? 0 : await afterBreak(file, offset - 1);
  while (at !== undefined && at < before) {
    const { buffer, bytesRead } = await file.read(Buffer.alloc(80), 0, 80, at);
    const time = TIME.exec(buffer.toString("latin1", 0, bytesRead))?.[1];
    const timeMs = time === undefined ? Number.NaN : Date.parse(time);
    const end = await afterBreak(file, at);
    if (!Number.isNaN(timeMs)) return { at, end: end ?? before, timeMs };
    at = end;
  }
  return undefined;
}

/** The offset after the next line break from an offset on. */
async function afterBreak(file: FileHandle, offset: number): Promise<number | undefined> {
  const chunk = Buffer.alloc(4096);
  for (let at = offset; at < offset + LINE_BYTES; ) {
    const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
    if (bytesRead === 0) return undefined;
    const found = chunk.subarray(0, bytesRead).indexOf(0x0a);
    if (found !== -1) return at + found + 1;
    at += bytesRead;
  }
  return undefined;
}

/** Lines that name many batches at once. */
const MANY = Buffer.from('"batchIds":[');

async function search({ path, from, to }: Span, batchId: number, found: LogLine[]): Promise<void> {
  const one = Buffer.from(`"batchId":${batchId}`);
  const file = await open(path).catch(() => undefined);
  if (file === undefined) return;
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let at = from; at < to; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, to - at));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, at);
      if (bytesRead === 0) return;
      at += bytesRead;
      const bytes =
        rest.length === 0 ? chunk.subarray(0, bytesRead) : Buffer.concat([rest, chunk.subarray(0, bytesRead)]);
      const end = bytes.lastIndexOf(0x0a) + 1;
      rest = bytes.length - end > LINE_BYTES ? Buffer.alloc(0) : bytes.subarray(end);
      const whole = bytes.subarray(0, end);
      for (const line of linesWith(whole, [one, MANY])) {
        const read = readLine(line, batchId);
        if (read !== undefined) found.push(read);
      }
    }
  } finally {
    await file.close();
  }
}

/** The lines in which one of the words stands, each once, in their order. */
function* linesWith(bytes: Buffer, words: readonly Buffer[]): Generator<Buffer> {
  const next = words.map((word) => bytes.indexOf(word));
  for (;;) {
    const places = next.filter((place) => place !== -1);
    if (places.length === 0) return;
    const place = Math.min(...places);
    const end = bytes.indexOf(0x0a, place);
    yield bytes.subarray(bytes.lastIndexOf(0x0a, place) + 1, end);
    for (const [index, word] of words.entries()) {
      if (next[index] !== -1 && next[index]! < end) next[index] = bytes.indexOf(word, end);
    }
  }
}

/** A line that is about the batch by its own fields: what stands in a file's name or in a message does not count. */
function readLine(line: Buffer, batchId: number): LogLine | undefined {
  try {
    const entry = JSON.parse(line.toString("utf8")) as Record<string, unknown>;
    const isAbout = entry.batchId === batchId || (Array.isArray(entry.batchIds) && entry.batchIds.includes(batchId));
    const timeMs = typeof entry.time === "string" ? Date.parse(entry.time) : Number.NaN;
    return isAbout && !Number.isNaN(timeMs) ? { timeMs, entry } : undefined;
  } catch {
    return undefined;
  }
}
