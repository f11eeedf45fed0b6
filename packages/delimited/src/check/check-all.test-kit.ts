import { type Issue, type Table, tableSchema } from "@inlet/contracts";
import { decodeRejected } from "../canonical/rejected.ts";
import { type ByteSource, memorySource } from "../scan/source.ts";
import type { FailedRecord } from "./block-checker.ts";
import { type CheckOptions, check, type Report } from "./check.ts";

/** A table as a profile's author would write it. */
export function buildTable(
  table: Omit<Partial<Parameters<typeof tableSchema.parse>[0] & object>, never> & object,
): Table {
  return tableSchema.parse({ name: "people", ...table });
}

/** All that a check hands out, gathered. */
export interface Checked {
  report: Report;
  issues: Issue[];
  /** The lines of the canonical file. */
  lines: string[];
  canonical: Buffer;
  index: Buffer;
  rejectedBytes: Buffer[];
  rejected: number[];
  failed: FailedRecord[];
}

/** Runs a check over text, bytes or a source. */
export async function checkAll(
  input: string | Buffer | ByteSource,
  table: Table,
  reservedHeaders: readonly string[] = [],
  options: Pick<CheckOptions, "claims" | "references" | "hooks" | "hasKeysToldApart"> = {},
): Promise<Checked> {
  const source = typeof input === "string" || Buffer.isBuffer(input) ? memorySource(Buffer.from(input)) : input;
  const issues: Issue[] = [];
  const canonical: Buffer[] = [];
  const index: Buffer[] = [];
  const rejectedBytes: Buffer[] = [];
  const failed: FailedRecord[] = [];
  const report = await check(source, {
    ...options,
    table,
    reservedHeaders,
    onIssue: (issue) => void issues.push(issue),
    sinks: {
      canonical: (chunk) => void canonical.push(Buffer.from(chunk)),
      index: (chunk) => void index.push(chunk),
      rejected: (chunk) => void rejectedBytes.push(chunk),
      failed: { begin: () => {}, add: (record) => void failed.push(record), flush: async () => {} },
    },
  });
  const rejected: number[] = [];
  for await (const record of decodeRejected(rejectedBytes)) rejected.push(record);
  const all = Buffer.concat(canonical);
  return {
    report,
    issues,
    lines: all.toString().split("\n").slice(0, -1),
    canonical: all,
    index: Buffer.concat(index),
    rejectedBytes,
    rejected,
    failed,
  };
}
