import type { Issue, Severity } from "@inlet/contracts";
import { writeLong } from "../window/entries.ts";

/**
 * All findings of a check, kept in two files so that any page of them is found without loading the others.
 * `findings`: one JSON object (an `Issue`) per line, in the order of the check, which is that of the records.
 * `index`: 16 bytes per finding, big-endian: the record (unsigned 32 bits; a finding about the file as a whole stands with the
 * record before it, or with 0), its kind (30 bits: place in `FindingsSummary.kinds`; the two highest say that it has a fix,
 * and that it concerns the file as a whole), and where its line begins in `findings` (64 bits).
 */
export const FINDING_ENTRY_BYTES = 16;
export const KIND_AT = 4;
export const POSITION_AT = 8;
export const HAS_FIX = 0x8000_0000;
export const OF_FILE = 0x4000_0000;
export const KIND_BITS = 0x3fff_ffff;

/** Findings of one code in one column. */
export interface FindingKind {
  code: string;
  /** As in `Issue`: the table's column, the file's label, several parted by commas, or none. */
  column: string | null;
  severity: Severity;
  /** Exact, however many are kept. */
  count: number;
  /** How many of them have a fix. Exact. */
  fixable: number;
  /** Of the first of them, and the first one's fix that has one. */
  message: string;
  value: string | null;
  fix: string | null;
  /** Places in the index of the first and the last of them that are kept; -1: none is. */
  firstPlace: number;
  lastPlace: number;
}

/** What a findings store holds, in numbers. Plain JSON; to be stored with the two files. */
export interface FindingsSummary {
  /** Exact. */
  total: number;
  /** The first so many are kept. */
  kept: number;
  /** Bytes of the file of findings. */
  sizeBytes: number;
  /** In the order in which they came first. As many as there are codes in columns, not findings. */
  kinds: FindingKind[];
}

/** Where the two files go. A chunk is lent until the promise resolves. */
export interface FindingsSinks {
  findings: (chunk: Buffer) => void | Promise<void>;
  index: (chunk: Buffer) => void | Promise<void>;
}

/** Findings that are kept, unless it is said otherwise. */
const MOST_FINDINGS = 1_000_000;
/** A character of a string takes at most so many bytes. */
const CHARACTER_BYTES = 3;

/**
 * Keeps the findings of a check as they come: give it to the check as `sinks.findings`, and call `end` after it. Memory: what
 * comes between two flushes (one block of records), and the kinds.
 */
export class FindingsWriter {
  readonly #sinks: FindingsSinks;
  readonly #most: number;
  readonly #kinds = new Map<string, FindingKind & { place: number }>();
  #total = 0;
  #kept = 0;
  #sizeBytes = 0;
  #lastRecord = 0;
  #lines = Buffer.allocUnsafe(16 * 1024);
  #linesLength = 0;
  #entries = Buffer.allocUnsafe(FINDING_ENTRY_BYTES * 64);
  #entriesLength = 0;

  /** @param most how many findings are kept; all are counted. */
  constructor(sinks: FindingsSinks, most: number = MOST_FINDINGS) {
    this.#sinks = sinks;
    this.#most = most;
  }

  add(issue: Issue): void {
    const kind = this.#kindOf(issue);
    kind.count += 1;
    if (issue.fix !== null) {
      kind.fixable += 1;
      kind.fix ??= issue.fix;
    }
    this.#total += 1;
    if (this.#kept >= this.#most) return;
    if (kind.firstPlace === -1) kind.firstPlace = this.#kept;
    kind.lastPlace = this.#kept;
    this.#kept += 1;
    this.#lastRecord = Math.max(this.#lastRecord, issue.record ?? 0);
    this.#writeEntry(issue, kind.place);
    this.#writeLine(issue);
  }

  /** Hands on what has come together. */
  async flush(): Promise<void> {
    if (this.#linesLength === 0) return;
    await this.#sinks.findings(this.#lines.subarray(0, this.#linesLength));
    await this.#sinks.index(this.#entries.subarray(0, this.#entriesLength));
    this.#sizeBytes += this.#linesLength;
    this.#linesLength = 0;
    this.#entriesLength = 0;
  }

  /** Hands on the rest, and says what there is. */
  async end(): Promise<FindingsSummary> {
    await this.flush();
    const kinds = [...this.#kinds.values()].map(({ place: _, ...kind }) => kind);
    return { total: this.#total, kept: this.#kept, sizeBytes: this.#sizeBytes, kinds };
  }

  #kindOf({ code, column, severity, message, value }: Issue): FindingKind & { place: number } {
    const key = `${severity} ${code} ${column === null ? "" : `=${column}`}`;
    let kind = this.#kinds.get(key);
    if (kind === undefined) {
      const place = this.#kinds.size;
      const none = { count: 0, fixable: 0, fix: null, firstPlace: -1, lastPlace: -1 };
      kind = { code, column, severity, message, value, ...none, place };
      this.#kinds.set(key, kind);
    }
    return kind;
  }

  #writeEntry({ fix, record }: Issue, kind: number): void {
    if (this.#entriesLength === this.#entries.length) this.#entries = doubled(this.#entries);
    const at = this.#entriesLength;
    const flags = (fix === null ? 0 : HAS_FIX) + (record === null ? OF_FILE : 0);
    this.#entries.writeUInt32BE(this.#lastRecord, at);
    this.#entries.writeUInt32BE(flags + kind, at + KIND_AT);
    writeLong(this.#entries, at + POSITION_AT, this.#sizeBytes + this.#linesLength);
    this.#entriesLength += FINDING_ENTRY_BYTES;
  }

  #writeLine(issue: Issue): void {
    const line = `${JSON.stringify(issue)}\n`;
    while (this.#linesLength + line.length * CHARACTER_BYTES > this.#lines.length) this.#lines = doubled(this.#lines);
    this.#linesLength += this.#lines.write(line, this.#linesLength);
  }
}

function doubled(bytes: Buffer<ArrayBuffer>): Buffer<ArrayBuffer> {
  const larger = Buffer.allocUnsafe(bytes.length * 2);
  bytes.copy(larger);
  return larger;
}
