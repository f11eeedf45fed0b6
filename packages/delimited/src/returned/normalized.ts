import { isUtf8 } from "node:buffer";
import type { ScanPlan } from "../scan/dialect.ts";
import { decodeText } from "../scan/encoding.ts";
import { fieldText } from "../scan/field-text.ts";
import { FIELD_ESCAPED, RECORD_FAULTY, type RecordBlock } from "../scan/record-block.ts";
import { scanBlocks } from "../scan/scan-blocks.ts";
import type { ByteSource } from "../scan/source.ts";

const COMMA = 0x2c;
const QUOTE = 0x22;
const CR = 0x0d;
const LF = 0x0a;

/** What {@link normalized} needs. */
export interface NormalizedInput {
  source: ByteSource;
  /** `report.scan` of the file's check. */
  plan: ScanPlan;
  signal?: AbortSignal | undefined;
  /** Told at the end how many records were written, and how many could not be cut into cells. */
  onEnd?: (counts: { written: number; leftOut: number }) => void;
}

/**
 * A file as it was understood, in one form for all: UTF-8 without a byte-order mark, `,`, `"` where a cell needs it, LF, the
 * labels first. Every record that could be cut into cells is in it, whether its cells are valid or not, with as many cells as
 * it has; left out are those in which a quote is wrong, and what is no record (title, blank, comment and trailer lines).
 * Cells are data and stay what they are: nothing is escaped against formulas. Memory stays bounded; each chunk belongs to the
 * caller.
 */
export async function* normalized({ source, plan, signal, onEnd }: NormalizedInput): AsyncGenerator<Buffer, void> {
  const { dialect: marks, limits, data } = plan;
  yield Buffer.from(`${plan.header.labels.map(quoted).join(",")}\n`);
  const counts = { written: 0, leftOut: 0 };
  for await (const block of scanBlocks(source, { marks, limits, ...data }, signal)) {
    const rows = writeRows(block, plan, counts);
    if (rows.length > 0) yield rows;
  }
  onEnd?.(counts);
}

/** A record of one empty cell would be a blank line, so it is quoted. */
function quoted(text: string, _: number, all: readonly string[]): string {
  if (text === "" && all.length === 1) return '""';
  return /[",\r\n]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

function writeRows(block: RecordBlock, plan: ScanPlan, counts: { written: number; leftOut: number }): Buffer {
  const { dialect } = plan;
  const { bytes, fieldStarts, fieldEnds, fieldFlags, firstFields } = block;
  // Damaged places are decoded like everything that is not UTF-8 already: what is written is UTF-8.
  const mayCopy = dialect.encoding === "utf-8" && isUtf8(bytes.subarray(block.from, block.to));
  // A byte becomes three at most when decoded, two when it is a quote; a cell has two quotes and a mark behind it.
  let out = Buffer.allocUnsafeSlow((block.to - block.from) * 3 + firstFields[block.count]! * 3 + 16);
  let at = 0;
  for (let r = 0; r < block.count; r += 1) {
    if (block.faulty[r] === RECORD_FAULTY) {
      counts.leftOut += 1;
      continue;
    }
    counts.written += 1;
    const first = firstFields[r]!;
    const last = firstFields[r + 1]!;
    for (let field = first; field < last; field += 1) {
      if (field > first) out[at++] = COMMA;
      const from = fieldStarts[field]!;
      const to = fieldEnds[field]!;
      if (mayCopy && (fieldFlags[field]! & FIELD_ESCAPED) === 0) {
        if (from === to && last - first === 1) at += out.write('""', at);
        else at = copyCell(bytes, from, to, out, at);
      } else {
        const text =
          (fieldFlags[field]! & FIELD_ESCAPED) === 0
            ? decodeText(bytes, from, to, dialect.encoding)
            : fieldText(block, field, dialect.encoding, dialect.quote);
        at += out.write(quoted(text, 0, last - first === 1 ? [text] : [text, text]), at);
      }
    }
    out[at++] = LF;
  }
  if (at < out.length / 4) out = Buffer.from(out.subarray(0, at));
  return out.subarray(0, at);
}

/** Copies a cell; in quotes when it holds a comma, a quote or a line end. */
function copyCell(bytes: Buffer, from: number, to: number, out: Buffer, position: number): number {
  let at = position;
  for (let i = from; i < to; i += 1) {
    const c = bytes[i]!;
    if (c === COMMA || c === QUOTE || c === LF || c === CR) return copyQuoted(bytes, from, to, out, position);
    out[at++] = c;
  }
  return at;
}

function copyQuoted(bytes: Buffer, from: number, to: number, out: Buffer, position: number): number {
  let at = position;
  out[at++] = QUOTE;
  for (let i = from; i < to; i += 1) {
    const c = bytes[i]!;
    if (c === QUOTE) out[at++] = QUOTE;
    out[at++] = c;
  }
  out[at++] = QUOTE;
  return at;
}
