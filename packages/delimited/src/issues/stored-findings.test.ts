import type { Issue } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { check } from "../check/check.ts";
import { buildTable } from "../check/check-all.test-kit.ts";
import { memorySource } from "../scan/source.ts";
import { readerOf } from "../window/hostile-file.test-kit.ts";
import { FINDING_ENTRY_BYTES, FindingsWriter } from "./findings-store.ts";
import {
  type FindingsFilter,
  listFindings,
  readFindingRecords,
  readFindings,
  type StoredFindings,
} from "./stored-findings.ts";

/** Two files in memory, and a store over them. */
function openStore(most?: number) {
  const files = { findings: [] as Buffer[], index: [] as Buffer[] };
  const keep = (chunks: Buffer[]) => (chunk: Buffer) => void chunks.push(Buffer.from(chunk));
  const writer = new FindingsWriter({ findings: keep(files.findings), index: keep(files.index) }, most);
  return {
    writer,
    async end(): Promise<StoredFindings> {
      const summary = await writer.end();
      const index = Buffer.concat(files.index);
      const paged = { sizeBytes: index.length, read: readerOf(index) };
      return { summary, read: readerOf(Buffer.concat(files.findings)), index: paged };
    },
  };
}

const issue = (facts: Partial<Issue>): Issue => ({
  ...{ line: 1, record: 1, offset: 0, column: null, code: "not_a_date", message: "It is no date.", value: "x" },
  ...{ severity: "error", fix: null, ...facts },
});

const kinds = fc.record({
  code: fc.constantFrom("not_a_date", "key_duplicate", "blank_lines", "hook_x"),
  column: fc.constantFrom(null, "a", "b", "a,b", 'é"\n'),
  severity: fc.constantFrom("error" as const, "warning" as const),
  fix: fc.constantFrom(null, "", "1\u0000😀"),
  value: fc.constantFrom(null, "x", "\ud800"),
  distance: fc.constantFrom(null, 0, 0, 1, 7),
});
const streams = fc
  .tuple(fc.array(kinds, { minLength: 1, maxLength: 30 }), fc.constantFrom(1, 5, 120))
  .map(([pattern, times]) => {
    let last = 1;
    return Array.from({ length: times }, () => pattern).flatMap((list) =>
      list.map(({ distance, ...facts }) => {
        last += distance ?? 0;
        return issue({ ...facts, record: distance === null ? null : last, line: last });
      }),
    );
  });
const filters: fc.Arbitrary<FindingsFilter> = fc.record(
  {
    codes: fc.subarray(["not_a_date", "key_duplicate", "blank_lines", "unknown"]),
    column: fc.constantFrom("a", "b", "c"),
    severity: fc.constantFrom("error" as const, "warning" as const),
    hasFix: fc.boolean(),
    ofFile: fc.boolean(),
    fromRecord: fc.integer({ min: 1, max: 900 }),
    toRecord: fc.integer({ min: 1, max: 900 }),
  },
  { requiredKeys: [] },
);

function matches(found: Issue, filter: FindingsFilter): boolean {
  const { codes, column, severity, hasFix, ofFile, fromRecord, toRecord } = filter;
  if (codes !== undefined && !codes.includes(found.code)) return false;
  if (column !== undefined && !(found.column ?? "").split(",").includes(column)) return false;
  if (severity !== undefined && found.severity !== severity) return false;
  if (hasFix !== undefined && (found.fix !== null) !== hasFix) return false;
  if (fromRecord !== undefined && (found.record === null || found.record < fromRecord)) return false;
  if (toRecord !== undefined && (found.record === null || found.record > toRecord)) return false;
  const isRange = fromRecord !== undefined || toRecord !== undefined;
  return ofFile === undefined || isRange || (found.record === null) === ofFile;
}

describe("all findings of a check", () => {
  it("are found again page by page, by any filter, and counted exactly beyond the cap", async () => {
    const asked = fc.record({ filter: filters, limit: fc.integer({ min: 1, max: 700 }), flushEvery: fc.nat(50) });
    await fc.assert(
      fc.asyncProperty(
        streams,
        fc.constantFrom(50, 100_000),
        asked,
        async (all, most, { filter, limit, flushEvery }) => {
          const { writer, end } = openStore(most);
          for (const [i, found] of all.entries()) {
            writer.add(found);
            if (flushEvery > 0 && i % flushEvery === 0) await writer.flush();
          }
          const stored = await end();
          const kept = all.slice(0, most);
          const expected = kept.filter((found) => matches(found, filter));

          const pages: Issue[][] = [];
          for (let after: number | null | undefined; after !== null; ) {
            const page: Awaited<ReturnType<typeof readFindings>> = await readFindings(stored, filter, { limit, after });
            pages.push(page.findings);
            after = page.next;
          }
          expect(pages.flat()).toEqual(expected);
          expect(pages.slice(0, -1).every(({ length }) => length === limit)).toBe(true);
          const listed: Issue[] = [];
          for await (const found of listFindings(stored, filter)) listed.push(found);
          expect(listed).toEqual(expected);

          const records: number[] = [];
          for (
            let fromRecord = filter.fromRecord ?? 0, next: number | null = 0;
            next !== null;
            fromRecord = next ?? 0
          ) {
            const page = await readFindingRecords(stored, { ...filter, fromRecord }, { limit });
            records.push(...page.records);
            next = page.next;
          }
          const ofRecords = kept.filter(
            (found) => found.record !== null && matches(found, { ...filter, ofFile: false }),
          );
          expect(records).toEqual([...new Set(ofRecords.map(({ record }) => record))]);

          const { total, kinds } = stored.summary;
          expect(total).toBe(all.length);
          for (const { code, column, severity, count, fixable, fix } of kinds) {
            const same = all.filter((f) => f.code === code && f.column === column && f.severity === severity);
            expect({ count, fixable }).toEqual({
              count: same.length,
              fixable: same.filter((found) => found.fix !== null).length,
            });
            expect(fix).toBe(same.find((found) => found.fix !== null)?.fix ?? null);
          }
          expect(kinds.reduce((sum, { count }) => sum + count, 0)).toBe(all.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it("come from a check in the order of its records, whichever rule finds them", async () => {
    const row = fc.tuple(
      fc.constantFrom("1", "2", "x", ""),
      fc.constantFrom("a", "b", ""),
      fc.constantFrom("5", '"', "9"),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 40 }), fc.boolean(), async (rows, isGrouped) => {
        const table = buildTable({
          columns: [
            { name: "id", type: "integer", unique: true },
            { name: "g" },
            { name: "n", type: "integer", max: "7" },
          ],
          rules: [{ rule: "compare", left: "id", operator: "<", right: "n" }],
          invalid: isGrouped ? { policy: "group", by: "g" } : { policy: "skip" },
        });
        const { writer, end } = openStore();
        const told: Issue[] = [];
        const text = `title\nid,g,n\n${rows.map((cells) => `${cells.join(",")}\n`).join("\n")}`;
        const options = { table, sinks: { findings: writer }, onIssue: (found: Issue) => void told.push(found) };
        const report = await check(memorySource(Buffer.from(text)), options);
        const stored = await end();
        const { findings } = await readFindings(stored, {}, { limit: 10_000 });
        expect(findings).toEqual(told);
        expect(stored.summary.total).toBe(report.issues.errors + report.issues.warnings);
        const records = told.flatMap(({ record }) => record ?? []);
        expect(records).toEqual([...records].sort((a, b) => a - b));
      }),
      { numRuns: 200 },
    );
  });

  it("read little: a page of the last ones does not read the first", async () => {
    const { writer, end } = openStore();
    for (let record = 1; record <= 100_000; record += 1) {
      writer.add(issue({ record, code: record % 1000 === 0 ? "rare" : "usual", column: "a" }));
      if (record % 1000 === 0) await writer.flush();
    }
    const stored = await end();
    const index = stored.index as { sizeBytes: number; read: (offset: number, length: number) => Promise<Uint8Array> };
    let readBytes = 0;
    const counted: StoredFindings = {
      ...stored,
      read: (offset, length) => {
        readBytes += length;
        return stored.read(offset, length) as Promise<Buffer>;
      },
      index: {
        ...index,
        read: (offset, length) => {
          readBytes += length;
          return index.read(offset, length);
        },
      },
    };
    const page = await readFindings(counted, { codes: ["rare"], fromRecord: 99_500 }, { limit: 100 });
    expect(page).toMatchObject({ findings: [{ record: 100_000 }], next: null });
    expect(await readFindings(counted, { codes: ["unknown"] }, { limit: 1 })).toEqual({ findings: [], next: null });
    expect(readBytes).toBeLessThan(1_200 * FINDING_ENTRY_BYTES + 1_000);
  });
});
