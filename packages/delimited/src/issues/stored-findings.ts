import type { Issue, Severity } from "@inlet/contracts";
import type { ReadAt, RecordIndex } from "../canonical/canonical.ts";
import { EntryTable, readLong } from "../window/entries.ts";
import {
  FINDING_ENTRY_BYTES,
  type FindingKind,
  type FindingsSummary,
  HAS_FIX,
  KIND_AT,
  KIND_BITS,
  OF_FILE,
  POSITION_AT,
} from "./findings-store.ts";

/** The two files of a findings store (see {@link FindingsSummary}), and what it holds. */
export interface StoredFindings {
  summary: FindingsSummary;
  /** Reads the file of findings. */
  read: ReadAt;
  index: RecordIndex;
}

/** Which findings are asked for. What is left out does not matter. */
export interface FindingsFilter {
  codes?: readonly string[] | undefined;
  /** A finding of several columns is one of each of them. */
  column?: string | undefined;
  severity?: Severity | undefined;
  /** Those with a fix, or those without. */
  hasFix?: boolean | undefined;
  /** Those about the file as a whole, or those of single records. */
  ofFile?: boolean | undefined;
  /** Those of records from this one on, and up to this one; none about the file as a whole. */
  fromRecord?: number | undefined;
  toRecord?: number | undefined;
}

/** Findings in the order of the check, which is that of the records. */
export interface FindingsPage {
  findings: Issue[];
  /** To be given as `after` for the page that follows; null: there is none. */
  next: number | null;
}

/** Index entries that are looked at in one go, at first and later: a page that is near costs little. */
const FEW_ENTRIES = 1_024;
const MANY_ENTRIES = 16_384;
/** Findings that lie no further apart are read together, up to so many bytes. */
const NEAR_BYTES = 4_096;
const MOST_READ_BYTES = 1_048_576;
/** Findings of one page, when all are read. */
const PAGE_FINDINGS = 2_048;

/**
 * Reads the next findings of a kind.
 * @param limit findings at most.
 * @param after `next` of the page before.
 */
export async function readFindings(
  stored: StoredFindings,
  filter: FindingsFilter,
  { limit, after }: { limit: number; after?: number | null | undefined },
): Promise<FindingsPage> {
  const found: Span[] = [];
  for await (const entry of entriesOf(stored, filter, after ?? null)) {
    if (found.length === limit) return { findings: await readLines(stored, found), next: found.at(-1)!.place };
    found.push(entry);
  }
  return { findings: await readLines(stored, found), next: null };
}

/**
 * The next records that have a finding of a kind, rising, each once.
 * @param limit records at most.
 * @returns `next`: the `fromRecord` of the page that follows; null: there is none.
 */
export async function readFindingRecords(
  stored: StoredFindings,
  filter: FindingsFilter,
  { limit }: { limit: number },
): Promise<{ records: number[]; next: number | null }> {
  const records: number[] = [];
  for await (const { record } of entriesOf(stored, { ...filter, ofFile: false }, null)) {
    if (record === records.at(-1)) continue;
    if (records.length === limit) return { records, next: record };
    records.push(record);
  }
  return { records, next: null };
}

/** All findings of a kind, one page after the other. */
export async function* listFindings(stored: StoredFindings, filter: FindingsFilter = {}): AsyncGenerator<Issue, void> {
  let found: Span[] = [];
  for await (const entry of entriesOf(stored, filter, null)) {
    found.push(entry);
    if (found.length < PAGE_FINDINGS) continue;
    yield* await readLines(stored, found);
    found = [];
  }
  yield* await readLines(stored, found);
}

/** Where a finding stands: its place in the index, and its line in the file of findings. */
interface Span {
  place: number;
  record: number;
  start: number;
  end: number;
}

async function* entriesOf(
  { summary, index }: StoredFindings,
  filter: FindingsFilter,
  after: number | null,
): AsyncGenerator<Span, void> {
  const entries = new EntryTable(index, FINDING_ENTRY_BYTES);
  const { fromRecord, toRecord = Number.POSITIVE_INFINITY, hasFix } = filter;
  const ofFile = fromRecord === undefined && filter.toRecord === undefined ? filter.ofFile : false;
  const kinds = summary.kinds.filter((kind) => isOfKind(kind, filter));
  const isWanted = Uint8Array.from(summary.kinds, (kind) => (isOfKind(kind, filter) ? 1 : 0));
  const mask = (hasFix === undefined ? 0 : HAS_FIX) + (ofFile === undefined ? 0 : OF_FILE);
  const flags = ((hasFix === true ? HAS_FIX : 0) + (ofFile === true ? OF_FILE : 0)) | 0;
  const last = Math.min(
    entries.count - 1,
    kinds.reduce((place, { lastPlace }) => Math.max(place, lastPlace), -1),
  );
  let place = kinds.reduce((first, { firstPlace }) => Math.min(first, firstPlace), Number.POSITIVE_INFINITY);
  if (after !== null) place = Math.max(place, after + 1);
  if (fromRecord !== undefined) place = Math.max(place, await entries.firstAbove(fromRecord - 1, recordAt));
  let most = FEW_ENTRIES;
  while (place <= last) {
    // One entry more: where it begins, the one before it ends.
    const page = await entries.read(place, most + 1);
    const count = Math.min(most, last + 1 - place, page.length / FINDING_ENTRY_BYTES);
    for (let i = 0; i < count; i += 1) {
      const at = i * FINDING_ENTRY_BYTES;
      const kind = page.readInt32BE(at + KIND_AT);
      if (isWanted[kind & KIND_BITS] !== 1 || (kind & mask) !== flags) continue;
      const record = recordAt(page, at);
      if (record > toRecord) return;
      const isLast = at + FINDING_ENTRY_BYTES === page.length;
      const end = isLast ? summary.sizeBytes : readLong(page, at + FINDING_ENTRY_BYTES + POSITION_AT);
      yield { place: place + i, record, start: readLong(page, at + POSITION_AT), end };
    }
    place += count;
    most = Math.min(MANY_ENTRIES, most * 4);
  }
}

/** Whether findings of a kind are wanted, and some of them are kept. */
function isOfKind(kind: FindingKind, filter: FindingsFilter): boolean {
  const { code, column, severity, count, fixable, firstPlace } = kind;
  if (firstPlace === -1) return false;
  if (filter.hasFix !== undefined && (filter.hasFix ? fixable : count - fixable) === 0) return false;
  if (filter.codes !== undefined && !filter.codes.includes(code)) return false;
  if (filter.severity !== undefined && filter.severity !== severity) return false;
  if (filter.column === undefined || filter.column === column) return true;
  return column?.split(",").includes(filter.column) ?? false;
}

function recordAt(bytes: Buffer, position: number): number {
  return bytes.readUInt32BE(position);
}

/** Reads the findings of rising spans, neighbours together. */
async function readLines({ read }: StoredFindings, spans: readonly Span[]): Promise<Issue[]> {
  const issues: Issue[] = [];
  let first = 0;
  while (first < spans.length) {
    const { start } = spans[first]!;
    let last = first;
    while (
      last + 1 < spans.length &&
      spans[last + 1]!.start - spans[last]!.end <= NEAR_BYTES &&
      spans[last + 1]!.end - start <= MOST_READ_BYTES
    ) {
      last += 1;
    }
    const bytes = await read(start, spans[last]!.end - start);
    const text = Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const span of spans.slice(first, last + 1)) {
      issues.push(JSON.parse(text.toString("utf8", span.start - start, span.end - start)) as Issue);
    }
    first = last + 1;
  }
  return issues;
}
