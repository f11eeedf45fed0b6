import { isAscii } from "node:buffer";
import type { Table } from "@inlet/contracts";
import { detectDialect, HEAD_BYTES } from "../detect/detect.ts";
import { judgeEncoding } from "../detect/judge-encoding.ts";
import { type MappedLabel, mapHeader } from "../header/header.ts";
import type { IssueFacts, IssueLog } from "../issues/issue-log.ts";
import type { Encoding, ScanPlan } from "../scan/dialect.ts";
import type { ByteSource } from "../scan/source.ts";

/** What is known of a file before its records are read. */
export interface Inspection {
  /** undefined: the records cannot be read at all; the log says why. */
  scan: ScanPlan | undefined;
  labels: MappedLabel[];
  /** undefined: all ASCII so far, so it does not matter yet. */
  encoding: Encoding | undefined;
  /** Offset of the first byte that is not valid UTF-8, where one was found. */
  firstInvalidUtf8: number | null;
}

/** Looks at a file's beginning: encoding, dialect, header. What is wrong goes to the log. */
export async function inspect(
  source: ByteSource,
  table: Table,
  {
    reservedHeaders,
    log,
    signal,
  }: { reservedHeaders: readonly string[]; log: IssueLog; signal?: AbortSignal | undefined },
): Promise<Inspection> {
  const { head, length, final } = await readHead(source);
  const unreadable = (facts: IssueFacts): Inspection => {
    log.add(facts);
    return { scan: undefined, labels: [], encoding: undefined, firstInvalidUtf8: null };
  };
  if (length === 0)
    return unreadable({ code: "file_empty", message: "The file is empty; send it again with its data." });
  if (isUtf16(head, length)) {
    return unreadable({ code: "file_utf16", message: "The file is UTF-16; save it as UTF-8.", line: 1, offset: 0 });
  }
  const bom = length >= 3 && head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
  let encoding: Encoding | undefined;
  let firstInvalidUtf8: number | null = null;
  if (bom) encoding = "utf-8";
  else if (table.format.encoding !== "auto") encoding = table.format.encoding;
  else if (!isAscii(head.subarray(0, length)))
    ({ encoding, firstInvalidUtf8 } = await judgeEncoding(source, 0, signal));

  const { recordBytes, fieldBytes, columns, linesInField } = table.limits;
  const limits = { recordBytes, fieldBytes, columns, linesInField };
  const detected = detectDialect(head, bom ? 3 : 0, length, final, { table, encoding: encoding ?? "utf-8", limits });
  const { header } = detected;
  if (header === null) {
    return unreadable(
      final
        ? { code: "file_empty", message: "The file holds nothing but blank lines; send it again with its data." }
        : {
            code: "header_broken",
            message: `No line of column names ends within the first ${HEAD_BYTES} bytes.`,
            line: 1,
          },
    );
  }
  const at = { line: header.line, offset: header.offset };
  if (header.isFaulty) {
    return unreadable({
      ...at,
      code: "header_broken",
      message: "The line of column names has a quote that is not closed or not doubled, or a NUL byte; mend it.",
    });
  }
  const { labels, findings } = mapHeader(table, header.labels, reservedHeaders);
  if (labels.every((label) => label.column === null)) {
    const expected = table.columns.map((column) => column.header ?? column.name);
    return {
      ...unreadable({
        ...at,
        code: "header_not_found",
        message: `The first line must hold the column names; none of ${expected.slice(0, 10).join(", ")}${expected.length > 10 ? ", …" : ""} is in it.`,
        value: header.labels.join(detected.delimiter).slice(0, 100),
      }),
      labels,
    };
  }
  if (detected.titleLines > 0) {
    log.add({
      code: "title_lines",
      severity: "warning",
      message: `The column names stand in line ${header.line}; what is above them is not imported.`,
      line: 1,
      offset: 0,
    });
  }
  for (const { code, severity, column, message, index } of findings) {
    const value = index === null ? null : header.labels[index]!.slice(0, 100);
    log.add({ ...at, code, severity, column, message, value });
  }
  return {
    scan: {
      dialect: {
        encoding: encoding ?? "utf-8",
        bom,
        delimiter: detected.delimiter,
        quote: detected.quote,
        escape: table.format.escape === "backslash" ? "backslash" : "doubled",
        comment: table.format.comment ?? null,
        reading: table.format.reading,
        trimSpaces: table.format.trimSpaces,
        trailer: table.format.trailer ?? null,
        lineEnd: "\n",
        quoteAll: detected.quoteAll,
        confidence: detected.confidence,
      },
      limits,
      header: { offset: header.offset, end: header.end, line: header.line, labels: header.labels },
      data: { offset: header.next, line: header.nextLine },
    },
    labels,
    encoding,
    firstInvalidUtf8,
  };
}

/** The file's first bytes, one byte more than `length` for the scanner's sentinel; `final`: that is all of it. */
async function readHead(source: ByteSource): Promise<{ head: Buffer; length: number; final: boolean }> {
  const head = Buffer.allocUnsafe(HEAD_BYTES + 1);
  let length = 0;
  for await (const chunk of source.open()) {
    const part = Math.min(chunk.length, HEAD_BYTES - length);
    head.set(chunk.subarray(0, part), length);
    length += part;
    if (part < chunk.length || length === HEAD_BYTES) return { head, length, final: false };
  }
  return { head, length, final: true };
}

function isUtf16(head: Buffer, length: number): boolean {
  return length >= 2 && ((head[0] === 0xff && head[1] === 0xfe) || (head[0] === 0xfe && head[1] === 0xff));
}
