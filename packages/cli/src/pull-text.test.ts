import type { PullSummary } from "@inlet/contracts";
import { expect, test } from "vitest";
import { endLines, hasEnded, progressLine, pullTable } from "./pull-text.ts";
import { type Terminal, widthOf } from "./terminal.ts";

const terminal = (columns: number): Terminal => ({
  ...{ isTTY: true, columns, write: () => {}, line: () => {} },
  paint: (_, text) => text,
});

const pull = (more: Partial<PullSummary>): PullSummary => ({
  ...{ id: 7, client: "iris", project: "shop", table: "items", purpose: "import", rehearsal: false, state: "running" },
  ...{ outcome: "pulling", monitored: true, full: true, cursor: { from: null, to: null }, pages: 6, attempts: 1 },
  trigger: { by: "person", dueAt: null, actor: "ops", reason: null },
  ...{ expected: 12_000, received: 6_000, duplicates: 0, receivedBytes: 1, batch: null, error: null, notBefore: null },
  ...{ askedAt: "2026-11-20T09:00:00.000Z", startedAt: "2026-11-20T09:00:00.000Z", endedAt: null, durationMs: 4_000 },
  ...more,
});
const batch = { id: 9, status: "completed", reason: null, valid: 12_000, imported: 12_000 } as const;

test("a pull under way says how far it is and how fast, on a line that fits", () => {
  expect(progressLine(pull({}), 5, terminal(100))).toBe(
    "  items  ██████████··········  6,000 of 12,000 items, 6 pages  1,500/s",
  );
  expect(progressLine(pull({ expected: null }), 5, terminal(100))).toBe("  items  6,000 items, 6 pages  1,500/s");
  const error = { code: "system_unreachable", message: "The system\u001b[31m did not answer. ".repeat(9) };
  for (const outcome of ["pulling", "waiting", "importing", "stopped", "imported"] as const) {
    const line = progressLine(pull({ outcome, error }), 5, terminal(60));
    expect(widthOf(line), outcome).toBeLessThanOrEqual(60);
    expect(line).not.toContain("\u001b");
  }
});

test("an end says what was expected, what came and what was imported, and why not", () => {
  const imported = pull({ outcome: "imported", received: 12_000, batch });
  expect(endLines(imported, terminal(200))).toEqual([
    "items  imported in 4.0 s: 12,000 expected, 12,000 received, 12,000 imported",
  ]);
  const error = { code: "pull_incomplete", message: "Pull again." };
  expect(endLines(pull({ outcome: "stopped", error }), terminal(200))).toEqual([
    "items  stopped in 4.0 s: 12,000 expected, 6,000 received. Pull again.",
  ]);
  const reason = { code: "rows_invalid", message: "1 of 12,000 records has errors." };
  const rejected = { ...batch, status: "rejected" as const, reason, imported: null };
  expect(endLines(pull({ outcome: "not_imported", batch: rejected }), terminal(200))[0]).toMatch(
    /not imported.*has errors/,
  );
  expect(pullTable([imported], terminal(200), new Date())[1]).toMatch(
    /7 .* ops +items +imported +12,000 +12,000 +12,000 +9/,
  );
});

test("a pull has ended when nothing more becomes of it by itself", () => {
  const open = (["waiting", "pulling", "importing"] as const).map((outcome) => hasEnded({ outcome }));
  expect(open).toEqual([false, false, false]);
  expect(hasEnded({ outcome: "skipped" })).toBe(true);
});
