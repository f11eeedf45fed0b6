import type { BatchDetail, StepKind } from "@inlet/contracts";
import { expect, test } from "vitest";
import { byteBar } from "./byte-bar.ts";
import { stageLines } from "./stage-lines.ts";
import type { Terminal } from "./terminal.ts";

const terminal: Terminal = { isTTY: true, columns: 80, write: () => {}, line: () => {}, paint: (_, text) => text };
const PLAN: StepKind[] = ["validate", "personalise", "import", "deliver"];
const now = new Date("2026-11-20T09:00:05Z");
const counts = {
  declared: null,
  records: 1200,
  valid: 1198,
  rejected: 2,
  staged: null,
  imported: null,
  links: null,
  withheld: null,
};

function step(kind: StepKind, rest: Partial<BatchDetail["steps"][number]>): BatchDetail["steps"][number] {
  const at = "2026-11-20T09:00:01Z";
  const none = { losses: 0, worker: null, error: null, readyAt: at, startedAt: at, finishedAt: null, durationMs: null };
  return { kind, state: "done", attempts: 1, notBefore: at, createdAt: at, ...none, ...rest };
}

test("stages that are done, run, wait to be tried again and are still to come", () => {
  const steps = [
    step("validate", { durationMs: 310 }),
    step("personalise", { state: "running", attempts: 2 }),
    step("import", {
      state: "ready",
      notBefore: "2026-11-20T09:00:09Z",
      error: { code: "x", message: "disk\u001b[2J full" },
    }),
  ];
  const lines = stageLines({ status: "running", steps, counts, deliveries: [] }, PLAN, terminal, { frame: 0, now });
  expect(lines.map((line) => line.replace(/ +/g, " "))).toEqual([
    " ✓ check 1,200 records, 2 rejected 310 ms",
    " ⠋ links attempt 2 4.0 s",
    " ⠋ import tried again in 4.0 s: disk�[2J full",
    " · delivery",
  ]);
});

test("a check that is done and rejects the file is no success", () => {
  const steps = [step("validate", {})];
  const [line] = stageLines({ status: "rejected", steps, counts, deliveries: [] }, PLAN, terminal, { frame: 0, now });
  expect(line).toMatch(/✗ check/);
});

test("the error file of a rejected batch follows, and the batch is not under way for it", () => {
  const lines = (state: "ready" | "done" | "failed") => {
    const late = step("deliver", { state, error: state === "failed" ? { code: "x", message: "in the way" } : null });
    const batch = { status: "rejected" as const, steps: [step("validate", {}), late], counts, deliveries: [] };
    const [check, , , delivery] = stageLines(batch, PLAN, terminal, { frame: 0, now });
    return [check, delivery].map((line) => line!.trim().replace(/ +/g, " "));
  };
  expect(lines("ready")).toEqual(["✗ check 1,200 records, 2 rejected", "· delivery the error file follows"]);
  expect(lines("done")).toEqual(["✗ check 1,200 records, 2 rejected", "✓ delivery"]);
  expect(lines("failed")).toEqual(["✗ check 1,200 records, 2 rejected", "✗ delivery in the way"]);
});

test("an upload's bar grows to its full width and stays there", () => {
  const bar = (doneBytes: number, totalBytes: number | undefined, elapsedMs = 1_000) =>
    byteBar({ doneBytes, totalBytes, elapsedMs }, terminal);
  expect(bar(0, 1_000, 0)).toBe(`  ${"·".repeat(28)}   0%  0 B of 1.0 KB`);
  expect(bar(250, 1_000)).toBe(`  ${"█".repeat(7)}${"·".repeat(21)}  25%  250 B of 1.0 KB  250 B/s  3.0 s left`);
  expect(bar(1_000, 1_000)).toBe(`  ${"█".repeat(28)} 100%  1.0 KB of 1.0 KB  1.0 KB/s`);
  expect(bar(0, 0)).toContain("100%");
  expect(bar(5_000_000, undefined)).toBe("  5.0 MB sent  5.0 MB/s");
  for (let share = 0; share <= 1000; share += 1) expect(bar(share, 1_000).slice(2, 30)).toMatch(/^█*[▏▎▍▌▋▊▉]?·*$/);
});
