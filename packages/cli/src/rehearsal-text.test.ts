import type { Rehearsal, RehearsalLine } from "@inlet/contracts";
import { expect, test } from "vitest";
import { rehearsalText, rehearsalTextIn } from "./rehearsal-text.ts";
import type { Terminal } from "./terminal.ts";

const NOW = new Date("2026-11-20T10:00:00Z");
const terminalOf = (columns: number): Terminal => ({
  ...{ isTTY: true, columns, write: () => {}, line: () => {} },
  paint: (_, text) => text,
});

const line = (overrides: Partial<RehearsalLine>): RehearsalLine => ({
  ...{ id: "login", table: null, title: "Login", state: "green", found: "spring with a password" },
  ...{ expected: null, whatToDo: null },
  ...overrides,
});

const buildRehearsal = (lines: RehearsalLine[], overrides: Partial<Rehearsal> = {}): Rehearsal => ({
  ...{ client: "spring", project: "video", state: "rehearsal", since: NOW.toISOString(), liveAt: null },
  ...{ passed: false, batches: [], lines },
  ...overrides,
});

const WORDS = "2 rows of 20 rejected; line 3, “x”: id must be a whole number, digits only, with an optional sign";
const LINES = [
  line({}),
  line({ id: "address", title: "Address", state: "warning", found: "any address", whatToDo: "Ask for it." }),
  line({ id: "signature", title: "Signature", state: "not_needed", found: "the profile does not ask for it" }),
  line({ id: "types", title: "Rows", state: "red", found: WORDS, expected: "no rejected row", whatToDo: "Mend it." }),
  line({ id: "result", title: "Result", state: "waiting", found: null, expected: "a file with links" }),
];

test("each line says what was found, a red one what was expected and what to do, and no line is wider than the terminal", () => {
  const text = rehearsalText(buildRehearsal(LINES), terminalOf(60), NOW);
  expect(Math.max(...text.map((each) => each.length))).toBeLessThanOrEqual(60);
  expect(text.slice(2)).toEqual([
    "",
    "  ✓ Login           spring with a password",
    "  ! Address         any address",
    "                    → Ask for it.",
    "  ✗ Rows            2 rows of 20 rejected; line 3, “x”: id",
    "                    must be a whole number, digits only,",
    "                    with an optional sign",
    "                    expected: no rejected row",
    "                    → Mend it.",
    "  … Result          not yet: a file with links",
    "  · not needed: Signature",
    "",
    "Not passed yet: 1 thing to mend, 1 thing to be seen.",
  ]);
  expect(text.slice(0, 2).join(" ")).toMatch(
    /^spring\/video {2}in rehearsal since .+: nothing of it reaches its tables$/,
  );
});

test("tables have their lines under their names; what passed says what comes next", () => {
  const lines = [line({}), line({ id: "types", table: "store", title: "Rows", found: "every row is valid" })];
  expect(rehearsalText(buildRehearsal(lines, { passed: true }), terminalOf(80), NOW).slice(2)).toEqual([
    "  ✓ Login           spring with a password",
    "  store",
    "  ✓ Rows            every row is valid",
    "",
    "Passed. `inlet go-live --project spring/video` makes its files real.",
  ]);
});

test("a terminal that is too low shows what is not as agreed", () => {
  const rehearsal = buildRehearsal(LINES);
  expect(rehearsalTextIn(50, rehearsal, terminalOf(60), NOW)).toEqual(rehearsalText(rehearsal, terminalOf(60), NOW));
  const low = rehearsalTextIn(13, rehearsal, terminalOf(60), NOW);
  expect(low.length).toBeLessThan(13);
  expect(low.join("\n")).not.toContain("Login");
  expect(low.join("\n")).toContain("✗ Rows");
  expect(rehearsalTextIn(4, rehearsal, terminalOf(60), NOW)).toHaveLength(3);
});

test("a project that was never rehearsed says just that, and no name of a file steers the terminal", () => {
  const live = buildRehearsal([], { state: "live", since: null });
  expect(rehearsalText(live, terminalOf(80), NOW)).toEqual(["spring/video  live, and never rehearsed"]);
  const [, , hostile] = rehearsalText(buildRehearsal([line({ found: "a\u001b[2Jb" })]), terminalOf(80), NOW);
  expect(hostile).not.toContain("\u001b");
});
