import type { Table } from "@inlet/contracts";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { buildTable, checkAll } from "../check/check-all.test-kit.ts";
import type { Hooks } from "./hook.ts";
import { ruleProblems } from "./judge-rules.ts";
import type { ReferenceLookUp, ReferenceQuestion } from "./references.ts";

const skip = { policy: "skip" } as const;
/** What a finding says, short. */
const brief = ({ code, line, column, value, severity }: Record<string, unknown>) => [
  code,
  line,
  column,
  value,
  severity,
];
const rulesOf = (table: Table, text: string, options = {}) => checkAll(text, table, [], options);

describe("unique over several columns", () => {
  const table = (severity: "error" | "warning") =>
    buildTable({
      columns: [{ name: "shop" }, { name: "day", type: "date" }, { name: "qty", type: "decimal" }],
      rules: [{ rule: "unique", columns: ["day", "shop"], severity }],
      invalid: skip,
    });
  const text = "shop,day,qty\na,2026-01-01,1\na,2026-01-02,1\na,2026-01-01,2\n,2026-01-01,1\n,2026-01-01,1\n";

  it("names both columns and the line of the first; a record with an empty one does not count", async () => {
    const { issues, rejected } = await rulesOf(table("error"), text);
    expect(issues.map(brief)).toEqual([["combination_duplicate", 4, "shop,day", "a, 2026-01-01", "error"]]);
    expect(issues[0]?.message).toContain("line 2");
    expect(rejected).toEqual([3]);
  });

  it("keeps the record where it is a warning", async () => {
    const { report, rejected } = await rulesOf(table("warning"), text);
    expect(report).toMatchObject({ verdict: "pass", issues: { errors: 0, warnings: 1 } });
    expect(rejected).toEqual([]);
  });
});

describe("compare", () => {
  const compare = (type: string, operator: string, more = {}) =>
    buildTable({
      columns: [
        { name: "a", type, ...more },
        { name: "b", type, ...more },
      ],
      rules: [{ rule: "compare", left: "a", operator, right: "b" }],
      invalid: skip,
    });
  const holds = async (type: string, operator: string, a: string, b: string, more = {}) => {
    const { rejected } = await rulesOf(compare(type, operator, more), `a|b\n${a}|${b}\n`);
    return rejected.length === 0;
  };

  it.each<[string, string, string, string, boolean]>([
    ["decimal", "=", "1.50", "1.5", true],
    ["decimal", "<", "-2", "-1.99", true],
    ["decimal", "<", "10", "9", false],
    ["decimal", ">", "12345678901234567890.0000000001", "12345678901234567890", true],
    ["decimal", "=", "0.1000000000000000000", "0.1", true],
    ["decimal", "!=", "0.30000000000000001", "0.3", true],
    ["integer", ">=", "9007199254740993", "9007199254740992", true],
    ["integer", "<=", "9007199254740993", "9007199254740992", false],
    ["date", "<=", "2026-01-31", "2026-02-01", true],
    ["date", "<", "2026-02-01", "2026-02-01", false],
    ["timestamp", "<", "2026-01-01T00:00:00Z", "2026-01-01T00:00:00.5Z", true],
    ["timestamp", "=", "2026-01-01T01:00:00+01:00", "2026-01-01T00:00:00Z", true],
    ["timestamp", "<", "2026-01-01T00:00:00.45Z", "2026-01-01T00:00:00.5Z", true],
    ["string", "<", "a", "b", true],
    ["string", "<", "a\\", "ab", true],
    ["string", "<", '"a\tb"', "aA", true],
    ["string", "=", "é", "é", true],
    ["string", ">", "Z", "a", false],
    ["boolean", "=", "yes", "true", true],
    ["decimal", "<", "", "1", true],
    ["decimal", "<", "2", "", true],
  ])("%s %s: %s and %s → %s", async (type, operator, a, b, expected) => {
    expect(await holds(type, operator, a, b)).toBe(expected);
  });

  it("orders numbers as they are, whatever their length", async () => {
    const number = fc
      .tuple(fc.bigInt({ min: -(10n ** 18n), max: 10n ** 18n }), fc.integer({ min: 0, max: 9 }))
      .map(([units, scale]) => {
        const digits = (units < 0n ? -units : units).toString().padStart(scale + 1, "0");
        const text = scale === 0 ? digits : `${digits.slice(0, -scale)}.${digits.slice(-scale)}`;
        return { text: `${units < 0n ? "-" : ""}${text}`, value: units * 10n ** BigInt(9 - scale) };
      });
    const pairs = fc.array(fc.tuple(number, number), { minLength: 1, maxLength: 30 });
    await fc.assert(
      fc.asyncProperty(pairs, async (rows) => {
        const text = `a|b\n${rows.map(([a, b]) => `${a.text}|${b.text}`).join("\n")}\n`;
        const { rejected } = await rulesOf(compare("decimal", "<"), text);
        expect(rejected).toEqual(rows.flatMap(([a, b], i) => (a.value < b.value ? [] : [i + 1])));
      }),
      { numRuns: 100 },
    );
  });

  it("says in the words of the columns what was expected", async () => {
    const table = buildTable({
      columns: [
        { name: "valid_from", header: "Valid from", type: "date" },
        { name: "valid_to", header: "Valid to", type: "date" },
      ],
      rules: [{ rule: "compare", left: "valid_to", operator: ">=", right: "valid_from" }],
    });
    const { issues, report } = await rulesOf(table, "Valid from,Valid to\n2026-02-01,2026-01-01\n");
    expect(issues).toMatchObject([
      {
        code: "comparison_fails",
        column: "valid_to,valid_from",
        value: "2026-01-01, 2026-02-01",
        message: "Valid to must be on or after Valid from.",
      },
    ]);
    expect(report.verdict).toBe("fail");
  });

  it("is no second finding where a cell cannot be read", async () => {
    const { issues } = await rulesOf(compare("integer", "<"), "a,b\nx,1\n");
    expect(issues.map(({ code }) => code)).toEqual(["not_an_integer"]);
  });
});

describe("sum", () => {
  const table = (tolerance: string, message?: string) =>
    buildTable({
      columns: [
        { name: "net", type: "decimal", decimalSeparator: "," },
        { name: "tax", type: "decimal", decimalSeparator: "," },
        { name: "gross", type: "decimal", decimalSeparator: "," },
      ],
      rules: [{ rule: "sum", columns: ["net", "tax"], equals: "gross", tolerance, ...(message && { message }) }],
      invalid: skip,
    });
  const text = "net;tax;gross\n0,1;0,2;0,3\n10,00;1,9;11,90\n1;;1\n1;1;\n;;\n1;0,005;1,01\n";

  it("is exact; an empty cell counts as 0", async () => {
    const { issues } = await rulesOf(table("0"), text);
    expect(issues.map(({ code, line, message }) => [code, line, message])).toEqual([
      ["sum_differs", 5, "net, tax must add up to gross; it is 2 too much."],
      ["record_blank", 6, expect.any(String)],
      ["sum_differs", 7, "net, tax must add up to gross; it is 0.005 too little."],
    ]);
  });

  it("takes a tolerance and a message of the profile's own", async () => {
    const { issues } = await rulesOf(table("0.01", "Net and tax are not gross."), text);
    expect(issues.map(({ line, message }) => [line, message])).toEqual([
      [5, "Net and tax are not gross."],
      [6, expect.any(String)],
    ]);
  });
});

describe("references", () => {
  const rule = { rule: "references", columns: ["sku", "day"], table: "style", to: ["code", "from_day"] };
  const table = (more = {}) =>
    buildTable({
      columns: [{ name: "sku" }, { name: "day", type: "date", format: "dd.MM.yyyy" }, { name: "qty", type: "integer" }],
      rules: [{ ...rule, ...more }],
      invalid: skip,
    });
  const known =
    (asked: ReferenceQuestion[]): ReferenceLookUp =>
    async (question) => {
      asked.push(question);
      return question.keys[0]!.map((code) => code === "A" || code === "tab\there");
    };

  it("asks for each key once, as it would be stored, and reports what is not there", async () => {
    const asked: ReferenceQuestion[] = [];
    const text =
      'sku;day;qty\nA;01.02.2026;1\nB;01.02.2026;x\nA;01.02.2026;2\n"tab\there";01.02.2026;1\n;01.02.2026;1\nC;oops;1\n';
    const { issues, rejected } = await rulesOf(table(), text, { references: known(asked) });
    expect(asked).toEqual([
      {
        table: "style",
        columns: ["code", "from_day"],
        keys: [
          ["A", "B", "tab\there"],
          ["2026-02-01", "2026-02-01", "2026-02-01"],
        ],
      },
    ]);
    expect(issues.map(({ code, line, column }) => [code, line, column])).toEqual([
      ["not_an_integer", 3, "qty"],
      ["reference_unknown", 3, "sku,day"],
      ["not_a_date", 7, "day"],
    ]);
    expect(rejected).toEqual([2, 6]);
  });

  it("asks once for a value that comes in every block, and never for too many at once", async () => {
    const asked: ReferenceQuestion[] = [];
    const lines = Array.from({ length: 100_000 }, (_, i) => `${i % 7 === 0 ? "B" : "A"};01.02.2026;${i}`);
    const { report } = await rulesOf(table(), `sku;day;qty\n${lines.join("\n")}\n`, { references: known(asked) });
    expect(asked).toHaveLength(1);
    expect(report.issues.byCode).toEqual({ reference_unknown: Math.ceil(100_000 / 7) });
  });

  it("fails the file once when the other table is not there", async () => {
    const references: ReferenceLookUp = async () => ({ missing: "There is no table style yet." });
    const group = { policy: "group", by: "sku" } as const;
    for (const invalid of [skip, group]) {
      const { report, issues } = await rulesOf({ ...table(), invalid }, "sku;day;qty\nA;01.02.2026;1\n", {
        references,
      });
      expect(issues.map(({ code, record }) => [code, record])).toEqual([["reference_table_missing", null]]);
      expect(report.reason?.code).toBe("reference_table_missing");
    }
  });

  it("is said to be open where nobody can look it up", async () => {
    const { report, issues } = await rulesOf(table(), "sku;day;qty\nA;01.02.2026;1\nB;01.02.2026;1\n");
    expect(issues.map(({ code, severity, record }) => [code, severity, record])).toEqual([
      ["rule_not_checked", "warning", null],
    ]);
    expect(report.verdict).toBe("pass");
  });

  it("makes the records of a group fall together", async () => {
    const grouped = { ...table(), invalid: { policy: "group", by: "day" } as const };
    const text = "sku;day;qty\nA;01.02.2026;1\nA;02.02.2026;1\nB;01.02.2026;1\n";
    const { rejected } = await rulesOf(grouped, text, { references: known([]) });
    expect(rejected).toEqual([1, 3]);
  });

  it("takes no part of a group whose references change between the two readings", async () => {
    let asked = 0;
    const references: ReferenceLookUp = async ({ keys }) => keys[0]!.map((key) => key !== "last" || ++asked === 1);
    // So long that no answer is remembered from the first reading to the second.
    const fillers = Array.from({ length: 1100 }, (_, i) => `${i}${"x".repeat(10_000)};02.02.2026;1`);
    const text = `sku;day;qty\nA;01.02.2026;1\nlast;01.02.2026;1\n${fillers.join("\n")}\n`;
    const grouped = { ...table(), invalid: { policy: "group", by: "day" } as const };
    await expect(rulesOf(grouped, text, { references })).rejects.toMatchObject({ code: "group_changed" });
  });

  it("looks up a value that a warning let through as it is stored", async () => {
    const lenient = buildTable({
      columns: [{ name: "sku", type: "enum", values: ["A"], severity: "warning" }],
      rules: [{ rule: "references", columns: ["sku"], table: "style" }],
      invalid: skip,
    });
    const { issues } = await rulesOf(lenient, "sku\nA\nB\n", { references: known([]) });
    expect(issues.map(({ code, severity }) => [code, severity])).toEqual([
      ["not_in_values", "warning"],
      ["reference_unknown", "error"],
    ]);
  });
});

describe("hook", () => {
  const table = (more = {}) =>
    buildTable({
      columns: [
        { name: "code" },
        { name: "day", type: "date", format: "dd.MM.yyyy" },
        { name: "qty", type: "integer" },
      ],
      rules: [{ rule: "hook", name: "own", ...more }],
      invalid: skip,
    });
  const text = "code;day;qty\nA;01.02.2026;1\nB;;x\nC;;3\n";
  const own = (hook: Hooks[string]): { hooks: Hooks } => ({ hooks: { own: hook } });

  it("gets each readable record with canonical values, and may find several things", async () => {
    const seen: unknown[] = [];
    const hooks = own((row, place) => {
      seen.push([{ ...row }, place]);
      return row.code === "C"
        ? [{ message: "No C.", column: "code", fix: "D" }, { message: "Nor without a day." }]
        : undefined;
    });
    const { issues, rejected } = await rulesOf(table(), text, hooks);
    expect(seen).toEqual([
      [
        { code: "A", day: "2026-02-01", qty: "1" },
        { record: 1, line: 2 },
      ],
      [
        { code: "C", day: null, qty: "3" },
        { record: 3, line: 4 },
      ],
    ]);
    expect(
      issues.map(({ code, line, column, value, message, fix }) => [code, line, column, value, message, fix]),
    ).toEqual([
      ["not_an_integer", 3, "qty", "x", expect.any(String), null],
      ["hook_own", 4, "code", "C", "No C.", "D"],
      ["hook_own", 4, null, null, "Nor without a day.", null],
    ]);
    expect(rejected).toEqual([2, 3]);
  });

  it("shows the rule's own message, and keeps the record where it is a warning", async () => {
    const warned = table({ severity: "warning", message: "Look at this one." });
    const { issues, rejected } = await rulesOf(
      warned,
      text,
      own((row) => (row.code === "A" ? {} : null)),
    );
    expect(issues[0]).toMatchObject({ code: "hook_own", severity: "warning", message: "Look at this one." });
    expect(rejected).toEqual([2]);
  });

  it.each<[string, Hooks[string], RegExp]>([
    [
      "throws",
      () => {
        throw new TypeError("boom");
      },
      /hook own threw TypeError: boom at record 1 \(line 2\)/,
    ],
    ["answers later", (async () => undefined) as never, /promise.* record 1/],
    ["answers with a number", (() => 1) as never, /did not answer with findings at record 1/],
    ["names another table's column", () => ({ column: "nope" }), /column nope, which the table does not have/],
    [
      "writes into the record",
      (row) => {
        (row as Record<string, string>).code = "Z";
      },
      /TypeError/,
    ],
  ])("that %s ends the check with its name and its record", async (_, hook, message) => {
    await expect(rulesOf(table(), text, own(hook))).rejects.toMatchObject({
      name: "Misconfigured",
      code: "hook_failed",
      retryable: false,
      message: expect.stringMatching(message),
    });
  });

  it("cannot read a record afterwards", async () => {
    const kept: { code: string | null }[] = [];
    await rulesOf(
      table(),
      text,
      own((row) => void kept.push(row as never)),
    );
    expect(() => kept[0]?.code).toThrow(/copy what is kept/);
  });

  it("that nobody knows is the profile's fault; without a module it is said to be open", async () => {
    await expect(rulesOf(table(), text, { hooks: { other: () => null } })).rejects.toMatchObject({
      code: "hook_unknown",
      message: expect.stringContaining("only other"),
    });
    const { issues } = await rulesOf(table(), "code;day;qty\nA;;1\n");
    expect(issues.map(({ code }) => code)).toEqual(["rule_not_checked"]);
  });
});

describe("a column of severity warning", () => {
  it("keeps the values that break its constraints, but none that is not of its type", async () => {
    const table = buildTable({
      columns: [
        { name: "kind", type: "enum", values: ["red", "blue"], severity: "warning" },
        { name: "code", pattern: "[A-Z]+", maxLength: 3, unique: true, severity: "warning" },
        { name: "qty", type: "integer", max: 10, severity: "warning", required: true },
        { name: "day", type: "date", min: "2026-01-01", severity: "warning" },
      ],
      invalid: skip,
    });
    const text = "kind,code,qty,day\ngreen,abc,11,2025-12-31\nred,abc,1,\nred,B,x,\nred,C,,\n";
    const { issues, lines, report, failed } = await rulesOf(table, text);
    expect(issues.map(({ code, line, severity }) => [code, line, severity])).toEqual([
      ["not_in_values", 2, "warning"],
      ["pattern_mismatch", 2, "warning"],
      ["too_large", 2, "warning"],
      ["too_small", 2, "warning"],
      ["pattern_mismatch", 3, "warning"],
      ["value_duplicate", 3, "warning"],
      ["not_an_integer", 4, "error"],
      ["value_missing", 5, "error"],
    ]);
    expect(lines).toEqual(["1\tgreen\tabc\t11\t2025-12-31", "2\tred\tabc\t1\t\\N"]);
    expect(report.counts).toEqual({ records: 4, valid: 2, rejected: 2 });
    expect(failed.map(({ issues: own }) => own.length)).toEqual([1, 1]);
  });
});

describe("a rule that cannot work", () => {
  const columns = [
    { name: "t" },
    { name: "i", type: "integer" },
    { name: "d", type: "date" },
    { name: "z", type: "timestamp" },
    { name: "b", type: "boolean" },
  ];
  it.each<[object, (string | number)[][]]>([
    [
      { rule: "sum", columns: ["i", "t"], equals: "d" },
      [
        ["rules", 0, "columns", 1],
        ["rules", 0, "equals"],
      ],
    ],
    [{ rule: "compare", left: "d", operator: "<", right: "z" }, [["rules", 0, "right"]]],
    [{ rule: "compare", left: "b", operator: "<", right: "b" }, [["rules", 0, "operator"]]],
    [{ rule: "compare", left: "b", operator: "!=", right: "b" }, []],
    [{ rule: "compare", left: "i", operator: "<", right: "i" }, []],
  ])("is named with its path: %o", async (rule, paths) => {
    const table = buildTable({ columns, rules: [rule] });
    expect(ruleProblems(table).map(({ path }) => path)).toEqual(paths);
    const checked = rulesOf(table, "t,i,d,z,b\n,1,,,\n");
    if (paths.length > 0) await expect(checked).rejects.toMatchObject({ code: "rule_invalid" });
    else await expect(checked).resolves.toBeDefined();
  });
});
