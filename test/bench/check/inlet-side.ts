import { basename, dirname } from "node:path";
import { openBlobs } from "@inlet/blobs";
import type { Issue } from "@inlet/contracts";
import { type CheckSinks, check, ErrorFile } from "@inlet/delimited";
import { tableOf } from "./tables.ts";
import { type Outcome, READ_BYTES, type Turn } from "./turn.ts";

/** Findings that the validator keeps for the Activity Monitor. */
const KEPT_ISSUES = 1_000;

/** The check as the validator runs it: the same reader, the same chunks, the same first findings kept. */
export async function ours({ path, table, withProducts = false }: Turn): Promise<Outcome> {
  const batch = dirname(path);
  const store = openBlobs(dirname(dirname(batch)));
  const key = (name: string) => `${basename(dirname(batch))}/${basename(batch)}/${name}`;
  const reader = await store.open(key(basename(path)));
  const writers = new Map(
    withProducts
      ? await Promise.all(
          ["canonical", "index", "rejected", "errors"].map(
            async (name) => [name, await store.create(key(name))] as const,
          ),
        )
      : [],
  );
  try {
    const sink = (name: string) => (chunk: Buffer) => writers.get(name)!.write(chunk);
    const errors = new ErrorFile(sink("errors"));
    const sinks: CheckSinks = withProducts
      ? { canonical: sink("canonical"), index: sink("index"), rejected: sink("rejected"), failed: errors }
      : {};
    const issues: Issue[] = [];
    const { counts } = await check(
      { open: (offset = 0) => reader.lentChunks({ start: offset, chunkBytes: READ_BYTES }) },
      {
        table: tableOf(table),
        sinks,
        onIssue: (issue) => {
          if (issues.length < KEPT_ISSUES) issues.push(issue);
        },
      },
    );
    if (withProducts) await errors.end();
    for (const writer of writers.values()) await writer.finish();
    return { records: counts.records, rejected: counts.rejected };
  } finally {
    for (const writer of writers.values()) await writer.abort();
    await reader.close();
  }
}
