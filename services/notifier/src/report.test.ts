import type { BatchStatus, ReportedBatch, ReportMessage } from "@inlet/contracts";
import { expect, test } from "vitest";
import { reportView } from "./report.ts";
import { reportHtml } from "./report-html.ts";
import { reportText } from "./report-text.ts";
import { wordMessage } from "./word-message.ts";

let lastBatchId = 0;

function buildBatch(overrides: Partial<ReportedBatch> & { table: string | null }): ReportedBatch {
  lastBatchId += 1;
  return {
    batchId: lastBatchId,
    fileName: `${overrides.table}-2026-11-20.tsv`,
    status: "completed",
    reason: null,
    records: 10,
    valid: 10,
    rejected: 0,
    imported: 10,
    links: null,
    issueTotals: {},
    ...overrides,
  };
}

function buildReport(overrides: Partial<ReportMessage> = {}): ReportMessage {
  return {
    event: "completed",
    client: "harbour",
    project: "iris1012",
    title: "Iris 1012",
    run: "2026-11-20",
    revision: 1,
    at: "2026-11-20T09:01:00.000Z",
    batches: [buildBatch({ table: "store" })],
    missing: [],
    ...overrides,
  };
}

const rejected = {
  status: "rejected",
  imported: null,
  reason: { code: "x", message: "Line 3: day is no date." },
} as const;

test("a file that came through says how many links are ready, and how many rows got none", () => {
  const told = (...batches: ReportedBatch[]) => wordMessage(buildReport({ batches })).text.replace(/\s+/g, " ");
  expect(told(buildBatch({ table: "a", links: 10 }))).toContain(
    "10 rows are imported, and 10 personal links are ready. ",
  );
  expect(told(buildBatch({ table: "a", links: 9 }))).toContain(
    "and 9 personal links are ready. 1 row got no link, by what the storyboard requires.",
  );
  expect(told(buildBatch({ table: "a", links: 0 }), buildBatch({ table: "b" }))).toContain(
    "20 rows are imported. 10 rows got no link, by what the storyboard requires.",
  );
});

test("a run's mail holds the client's table: Table Name and Status, FAILED before SUCCESS", () => {
  const report = buildReport({
    batches: [
      buildBatch({ table: "storestock" }),
      buildBatch({ table: "whstock" }),
      buildBatch({ table: "daily_sales", ...rejected }),
    ],
  });
  const { text, subject } = wordMessage(report);
  expect(text).toContain(
    [
      "Table Name   Status",
      "-----------  ----------",
      "daily_sales  FAILED",
      "storestock   SUCCESS",
      "whstock      SUCCESS",
      "",
    ].join("\n"),
  );
  expect(subject).toBe("FAILED: Iris 1012, 2026-11-20 (daily_sales; 2 of 3 SUCCESS)");
});

test.each<[BatchStatus, string]>([
  ["completed", "SUCCESS"],
  ["partial", "PARTIAL"],
  ["rejected", "FAILED"],
  ["failed", "FAILED"],
  ["duplicate", "DUPLICATE"],
  ["superseded", "SUPERSEDED"],
  ["cancelled", "CANCELLED"],
  ["running", "IN PROGRESS"],
])("a batch that is %s reads %s, in the table and in the subject", (status, word) => {
  const view = reportView(buildReport({ batches: [buildBatch({ table: "store", status })] }));
  expect(view.rows).toEqual([{ table: "store", fileName: undefined, word }]);
  expect(view.subject).toBe(`${word}: Iris 1012, 2026-11-20`);
  expect(view.problems).toHaveLength(status === "completed" ? 0 : 1);
  for (const problem of view.problems) expect(problem.reason).toBeTruthy();
});

test("a problem says its reason, what to do, and how many findings of which kind", () => {
  const batch = buildBatch({
    table: "daily_sales",
    ...rejected,
    issueTotals: { required_missing: 2, type_mismatch: 1200 },
  });
  const { text } = wordMessage(buildReport({ batches: [batch] }));
  expect(text).toContain(`  File: daily_sales-2026-11-20.tsv (batch ${batch.batchId}, nothing imported)
  Reason: Line 3: day is no date.
  What to do: A corrected file may keep its name.
  1,202 findings:
    1,200 type mismatch
    2 required missing
`);
});

test("whoever sent rows that failed is told what to do with the error file", () => {
  const step = (facts: Partial<ReportedBatch>) =>
    reportView(buildReport({ batches: [buildBatch({ ...facts, table: "store" })] })).problems[0]?.nextStep;
  expect(step({ ...rejected, records: 4, valid: 2, rejected: 2 })).toMatch(/error file and send that file back/);
  expect(step({ status: "partial", rejected: 1 })).toMatch(/error file and send that file back/);
  expect(step({ ...rejected, rejected: null })).not.toMatch(/error file/);
});

test("each file's counts are told, and its links where it has any", () => {
  const batch = buildBatch({
    table: "customers",
    records: 1204,
    imported: 1201,
    rejected: 3,
    links: 1201,
    status: "partial",
  });
  const { text } = wordMessage(buildReport({ batches: [batch] }));
  expect(text).toContain("\n  records 1,204, imported 1,201, rejected 3, links 1,201\n");
  expect(wordMessage(buildReport()).text).not.toContain("links");
});

test("an expected table of which no file came is MISSING", () => {
  const view = reportView(buildReport({ missing: ["whstock"] }));
  expect(view.rows).toContainEqual({ table: "whstock", fileName: undefined, word: "MISSING" });
  expect(view.subject).toBe("MISSING: Iris 1012, 2026-11-20 (whstock; 1 of 2 SUCCESS)");
});

test("a second report says that it is an update", () => {
  const { subject, text, html } = wordMessage(buildReport({ revision: 2 }));
  expect(subject).toBe("SUCCESS: Iris 1012, 2026-11-20 – updated report 2");
  for (const part of [text, html]) expect(part).toContain("Updated report 2");
  expect(wordMessage(buildReport()).text).not.toContain("Updated");
});

test("a file that was corrected under its name counts no more, but is not hidden", () => {
  const first = buildBatch({ table: "store", ...rejected });
  const second = buildBatch({ table: "store" });
  const view = reportView(buildReport({ revision: 2, batches: [first, second] }));
  expect(view.rows).toEqual([{ table: "store", fileName: undefined, word: "SUCCESS" }]);
  expect(view.earlier).toEqual([
    `store-2026-11-20.tsv (batch ${first.batchId}) ended as FAILED; batch ${second.batchId} took its place.`,
  ]);
});

test("a duplicate after a success is a line of its own, and does not take the success's place", () => {
  const batches = [buildBatch({ table: "store" }), buildBatch({ table: "store", status: "duplicate", imported: null })];
  const view = reportView(buildReport({ batches }));
  expect(view.rows.map((row) => [row.word, row.fileName])).toEqual([
    ["DUPLICATE", "store-2026-11-20.tsv"],
    ["SUCCESS", "store-2026-11-20.tsv"],
  ]);
});

test("a file that failed after its import stays in sight when a later one succeeds", () => {
  const batches = [buildBatch({ table: "store", status: "failed" }), buildBatch({ table: "store" })];
  expect(reportView(buildReport({ batches })).rows.map((row) => row.word)).toEqual(["FAILED", "SUCCESS"]);
});

test("a file of no known table is told by its name", () => {
  const batch = buildBatch({ table: null, fileName: "holiday.jpg", ...rejected });
  const view = reportView(buildReport({ batches: [batch] }));
  expect(view.rows).toEqual([{ table: "(no table)", fileName: "holiday.jpg", word: "FAILED" }]);
  expect(view.problems[0]).toMatchObject({ title: "(no table)", fileName: "holiday.jpg", nextStep: undefined });
});

test("thousands of files make a mail of a bounded size, with what failed in it and the rest counted", () => {
  const batches = Array.from({ length: 5000 }, (_, index) =>
    buildBatch({ table: "orders", fileName: `orders-${index}.csv`, ...(index % 100 === 21 && rejected) }),
  );
  const { text, html } = wordMessage(buildReport({ batches }));
  expect(html.length).toBeLessThan(102_000);
  expect(text).toContain("orders-21.csv");
  expect(text).toContain("35 more reasons are not shown here.");
  expect(text).toContain("4,960 more lines are not shown here.");
});

const HOSTILE = `<img src=x onerror=alert(1)>"'&\r\nBcc: all@example.com\u202evsc.exe\u0000.csv`;

test("a hostile name is text in every part, on one line, without disguise", () => {
  const report = buildReport({
    title: HOSTILE,
    run: HOSTILE,
    missing: [HOSTILE],
    batches: [
      buildBatch({
        table: HOSTILE,
        fileName: HOSTILE,
        status: "rejected",
        reason: { code: "x", message: `${HOSTILE}</td><script>alert(1)</script>` },
        issueTotals: { [HOSTILE]: 1 },
      }),
      buildBatch({ table: HOSTILE, fileName: HOSTILE }),
      buildBatch({ table: null, fileName: HOSTILE, status: "duplicate" }),
    ],
  });
  const { subject, text, html } = wordMessage(report);
  expect(subject).not.toMatch(/[\r\n\u0000\u202e]/);
  expect(`${text}${html}`).not.toMatch(/[\r\u0000\u202e]|^Bcc/m);
  expect(html).toContain("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp; Bcc: all@example");
  expect(html).not.toMatch(/<(img|script)/i);
});

test("names without end neither fill the subject nor break the text's table", () => {
  const name = "x".repeat(5000);
  const report = buildReport({ title: name, run: name, batches: [buildBatch({ table: name, fileName: name })] });
  expect(reportView(report).subject.length).toBeLessThan(200);
  for (const line of reportText(reportView(report)).split("\n")) expect(line.length).toBeLessThan(300);
});

test("the page is accessible, and loads nothing from anywhere", () => {
  const html = reportHtml(reportView(buildReport({ missing: ["sku"] })));
  expect(html).toContain('<html lang="en" dir="ltr">');
  expect(html).toMatch(/<th scope="col"[^>]*>Table Name<\/th><th scope="col"[^>]*>Status<\/th>/);
  expect(html).toMatch(/<th scope="row"/);
  expect(html).not.toMatch(/https?:|url\(|<link|<script|<img|@import|src=/i);
});

test("the files of a ZIP are listed, and the ZIP itself is one calm line", () => {
  const zip = buildBatch({ table: "orders", fileName: "spring.zip", status: "unpacked" });
  const report = buildReport({
    batches: [
      zip,
      buildBatch({ table: "customers", partOf: zip.batchId }),
      buildBatch({ table: "orders", partOf: zip.batchId }),
    ],
  });
  const view = reportView(report);
  expect(view.word).toBe("SUCCESS");
  expect(view.rows.map(({ table }) => table)).toEqual(["customers", "orders"]);
  expect(view.problems).toEqual([]);
  const line = `spring.zip (batch ${zip.batchId}) was a ZIP of 2 files, which are listed here.`;
  expect(view.unpacked).toEqual([line]);
  expect(reportText(view)).toContain(line);
  expect(reportHtml(view)).toContain(line);
});

test("a subject counts tables where each has one file, else files", () => {
  const subjectOf = (...tables: string[]) =>
    reportView(
      buildReport({ batches: tables.map((table, at) => buildBatch({ table, fileName: `${table}-${at}.csv` })) }),
    ).subject;
  expect(subjectOf("orders", "orders", "orders")).toBe("SUCCESS: Iris 1012, 2026-11-20 (3 files)");
  expect(subjectOf("orders", "customers", "orders")).toBe("SUCCESS: Iris 1012, 2026-11-20 (3 files)");
  expect(subjectOf("orders", "customers")).toBe("SUCCESS: Iris 1012, 2026-11-20 (2 tables)");
});

test("a rehearsal's report says that it is one", () => {
  const batches = [buildBatch({ table: "customers" })];
  const view = reportView(buildReport({ batches, rehearsal: true }));
  for (const form of [reportText(view).replaceAll("\n", " "), reportHtml(view)]) {
    expect(form).toContain("This is a rehearsal: all was done as it will be later, but nothing of it went");
  }
  expect(reportText(reportView(buildReport({ batches })))).not.toContain("rehearsal");
});

test.each<[string, Partial<ReportedBatch>[], string[]]>([
  ["a success", [{}], ["10 rows would be imported.", "rehearsed 10"]],
  [
    "a part",
    [{ status: "partial", imported: 9, rejected: 1 }],
    ["9 rows would be imported, 1 row", "9 of 10 rows would"],
  ],
  ["a rejected file", [rejected], ["The file would not be imported.", "nothing would be imported"]],
  ["a failure after the import", [{ status: "failed" }], ["The rows would be imported, but the work"]],
  ["two files", [{}, { status: "partial", imported: 1 }], ["1 PARTIAL and 1 SUCCESS. 11 rows would be imported."]],
])("no row of a rehearsal is said to be imported: %s", (_, facts, sentences) => {
  const batches = facts.map((each, at) => buildBatch({ ...each, table: `table_${at}` }));
  const view = reportView(buildReport({ batches, rehearsal: true }));
  const text = reportText(view).replace(/\s+/g, " ");
  for (const sentence of sentences) expect(text).toContain(sentence);
  for (const form of [text, reportHtml(view)]) expect(form).not.toMatch(/(?<!(would|not) be )\bimported\b/i);
});

test("where the console is known, the run and what needs attention link to their pages, and nothing else does", () => {
  const failed = buildBatch({ table: "sku", ...rejected });
  const report = buildReport({ runId: 77, batches: [failed, buildBatch({ table: "store" })], missing: ["style"] });
  const { text, html } = wordMessage(report, "https://inlet.example.com");
  expect(text).toContain("The run in the console: https://inlet.example.com/runs/77");
  expect(text).toContain(`In the console: https://inlet.example.com/batches/${failed.batchId}`);
  expect(html).toContain('href="https://inlet.example.com/runs/77"');
  expect(html).toContain(`href="https://inlet.example.com/batches/${failed.batchId}"`);
  expect(wordMessage(report).html).not.toContain("<a ");
  expect(wordMessage(buildReport(), "https://inlet.example.com").text).not.toContain("/runs/");
});

test("a pull that was stopped says what was expected and received, which page failed and what to do", () => {
  const pull = { pullId: 7, expected: 12_000, received: 11_000, duplicates: 3, pages: 11, failedPage: 12 };
  const message =
    "items: 12000 items were expected and 11000 came, then page 12 failed. Nothing was imported. Pull again.";
  const stopped = { ...rejected, records: null, valid: null, rejected: null, fileName: "items_pull-7.csv" };
  const report = buildReport({
    run: "pull 2026-11-20 09:00 UTC",
    batches: [buildBatch({ table: "items", ...stopped, reason: { code: "pull_page_failed", message }, pull })],
  });
  const { text, subject, html } = wordMessage(report);
  expect(subject).toBe("FAILED: Iris 1012, pull 2026-11-20 09:00 UTC");
  const plain = text.replaceAll(/\s+/g, " ");
  expect(plain).toContain("12,000 expected, 11,000 received, 3 duplicates, page 12 failed, nothing imported");
  expect(plain).toContain("expected 12,000, received 11,000, records –, imported –");
  expect(plain).toContain("Pull again.");
  expect(plain).not.toContain("corrected file");
  expect(html).toContain("Expected");
});
