import type { BatchDetail } from "@inlet/contracts";
import { expect, test } from "vitest";
import { batchTable, batchText, nextSteps } from "./batch-text.ts";
import type { Terminal } from "./terminal.ts";

const AT = "2026-11-20T10:00:00.000Z";
const NOW = new Date(AT);
const terminalOf = (columns: number): Terminal => ({
  ...{ isTTY: true, columns, write: () => {}, line: () => {} },
  paint: (_, text) => text,
});
const NO_COUNTS = { records: null, valid: null, rejected: null, imported: null, links: null };
const REASON = "The OpenPGP message is encrypted for the key 705104B375B8A1C0, and not for us; encrypt it to our key.";

/** The parts of a batch that its text is made of. */
const buildBatch = (overrides: object = {}): BatchDetail =>
  ({
    ...{
      id: 7,
      client: "meadow",
      project: "spring",
      table: null,
      fileName: "a.csv.gpg",
      sizeBytes: 10,
      status: "rejected",
    },
    ...{ receivedAt: AT, endedAt: AT, durationMs: 52, reason: { code: "x", message: REASON }, rehearsal: false },
    ...{ corrects: null, correctedBy: [], partOf: null, parts: [], counts: NO_COUNTS, linksExpireAt: null },
    ...{ revoked: { all: false, records: 0 }, forcedReason: null, artifacts: [], steps: [], issueCount: 0 },
    timeline: [
      { at: AT, event: "ended", text: `Rejected: ${REASON}`, tone: "bad", durationMs: 52, stage: null, actor: null },
    ],
    ...overrides,
  }) as unknown as BatchDetail;
const textOf = (batch: BatchDetail, columns: number) =>
  batchText(batch, { issues: [], next: null } as never, terminalOf(columns), NOW);

test("how a batch ended, and its story, fit the terminal and lose nothing", () => {
  const lines = textOf(buildBatch(), 80);
  for (const line of lines) expect(line.length, line).toBeLessThanOrEqual(80);
  const text = lines.join(" ").replaceAll(/ +/g, " ");
  expect(text.split(REASON)).toHaveLength(3);
  expect(textOf(buildBatch(), Number.POSITIVE_INFINITY)[0]).toBe(`Batch 7  Rejected in 52 ms: ${REASON}`);
});

test("a list marks what was rehearsed, and its files can be told apart on 80 columns", () => {
  const counts = { records: 20, valid: 20, rejected: 0, imported: 20, links: 20 };
  const real = buildBatch({ status: "completed", stage: null, fileName: "contacts-2026-11-20.csv", counts });
  const list = (batch: BatchDetail, columns: number, now = NOW) => batchTable([batch], terminalOf(columns), now);
  const rehearsed = { ...real, rehearsal: true };
  const [, row, legend] = list(rehearsed, 80);
  expect(row).toMatch(/ contacts-2026-11-20\.csv +completed\* +20\*$/);
  expect(row!.length).toBeLessThanOrEqual(80);
  expect(legend).toBe("* a rehearsal: in no table");
  // Of another day the time takes more room.
  const [, older] = list(rehearsed, 80, new Date("2027-01-01T10:00:00.000Z"));
  expect(older).toContain("…2026-11-20.csv");
  expect(older!.length).toBeLessThanOrEqual(80);
  expect(list(rehearsed, 120)[1]).toMatch(/ contacts-2026-11-20\.csv +completed\* +20 +20\* +52 ms$/);
  expect(list(real, 120)).toHaveLength(2);
  expect(list(real, 120)[1]).not.toContain("*");
});

test("no row of a rehearsal is called imported", () => {
  const counts = { records: 20, valid: 20, rejected: 0, imported: 20, links: 20 };
  const batch = buildBatch({ status: "completed", reason: null, timeline: [], counts });
  expect(textOf(batch, 80).join("\n")).toContain("20 records, 20 imported, 20 links");
  const lines = textOf({ ...batch, rehearsal: true }, 80);
  expect(lines.slice(0, 2)).toEqual([
    "Batch 7  Completed in 52 ms: 20 records, 20 rehearsed, 20 links",
    "a rehearsal: in no table",
  ]);
  expect(lines).toContain("  counts      20 records, 20 rehearsed, 20 links");
  expect(lines.join("\n")).not.toContain("imported");
});

test("a path that is longer than a line stays whole", () => {
  const path = `/spring/Downloads/${"long".repeat(30)}.csv`;
  const timeline = [{ at: AT, text: `Put into ${path}`, tone: "good", durationMs: null }];
  expect(textOf(buildBatch({ timeline }), 80).join("\n")).toContain(path);
});

test("what comes next stands in a line each where one is too long, and says how a protected file goes back", () => {
  const batch = buildBatch({ issueCount: 20, artifacts: [{ kind: "errors", name: "a.errors.csv", sizeBytes: 1 }] });
  const next = (columns: number, of = batch) => nextSteps(of, { issuesShown: 10 }, { columns });
  expect(next(80)).toEqual([
    "",
    "  next: inlet issues 7",
    "        inlet download 7 errors",
    '        mend "a.errors.csv", protect it as the file was, and send it',
  ]);
  expect(next(Number.POSITIVE_INFINITY)).toHaveLength(2);
  expect(next(80, { ...batch, fileName: "a.csv" }).at(-1)).toContain(
    'mend it, and inlet send "a.errors.csv" --project meadow/spring',
  );
});
