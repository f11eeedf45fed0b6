import type { ReplyMessage, StoredFile } from "@inlet/contracts";
import { expect, test } from "vitest";
import { replyMail } from "./reply-mail.ts";

const stored = (kind: StoredFile["kind"], name: string, sizeBytes = 4_500): StoredFile => ({
  kind,
  name,
  sizeBytes,
  blobKey: `meadow/7/${kind}`,
  sha256: "00".repeat(32),
});

const RESULT = stored("wrapped_result", "PURL_spring.zip");
const ERRORS = stored("wrapped_errors", "spring.errors.csv.gpg", 1_480);

function buildReply(
  batch: Partial<ReplyMessage["batch"]> = {},
  overrides: Partial<Omit<ReplyMessage, "batch">> = {},
): ReplyMessage {
  return {
    event: "reply",
    ...{ client: "meadow", project: "spring", title: "Spring campaign", rehearsal: false },
    batch: {
      ...{ batchId: 7, table: "customers", fileName: "spring.csv", status: "completed", reason: null },
      ...{ records: 20, valid: 20, rejected: 0, imported: 20, links: 20, issueTotals: {} },
      ...batch,
    },
    findings: [],
    files: [stored("result", "PURL_spring.csv"), RESULT],
    placed: [],
    replyBytes: 10_000_000,
    answered: { subject: "November's data", messageId: "<1@meadow.example>" },
    at: "2026-11-21T09:03:00.000Z",
    ...overrides,
  };
}

/** What both forms say, each on one line. */
function both(reply: ReplyMessage): string[] {
  const { text, html } = replyMail(reply);
  const words = html
    .replace(/<head>.*<\/head>/s, "")
    .replace(/<wbr>|<\/?(span|strong)[^>]*>/g, "")
    .replace(/<[^>]+>/g, " ");
  return [text.replace(/\s+/g, " "), words.replace(/\s+/g, " ")];
}

const expectBoth = (reply: ReplyMessage, ...sentences: string[]) => {
  for (const form of both(reply)) for (const sentence of sentences) expect(form).toContain(sentence);
};

test("a result comes attached, and the mail reads from top to bottom", () => {
  const { subject, text, attached } = replyMail(buildReply());
  expect(subject).toBe("Re: November's data");
  expect(attached).toEqual([RESULT]);
  expect(text).toBe(`Spring campaign, spring.csv: SUCCESS
The file came through: 20 rows are imported, and 20 personal links are
ready. The result is attached.

FILES

- PURL_spring.zip (4.5 KB): the result, a ZIP with the agreed password

COUNTS

Records: 20
Imported: 20
Rejected: 0
Links: 20

-- 
Client meadow, project spring, table customers, batch 7. 21 November 2026 at
09:03 UTC.
This message was sent automatically by Inlet, in answer to an e-mail from
this address. Send files in new e-mails, to the same address as before.
`);
});

test("rows that were left out are told with the error file and the first findings", () => {
  const findings = [
    { line: 4, column: "email", message: "email must be one e-mail address." },
    { line: 9, column: "born", message: "It must be in the past." },
  ];
  const reply = buildReply(
    { status: "partial", imported: 17, rejected: 3, issueTotals: { not_an_email: 2, not_a_date: 1 } },
    { files: [RESULT, ERRORS], findings },
  );
  expect(replyMail(reply).attached).toEqual([RESULT, ERRORS]);
  expectBoth(
    reply,
    "17 rows are imported, 3 rows were left out. The result and the error file are attached.",
    "Mend the rows in the error file and send that file back",
    "spring.errors.csv.gpg (1.5 KB): the error file, encrypted to your OpenPGP key",
    "3 findings: 2 not an email and 1 not a date.",
    "The first 2:",
    "Line 4: email must be one e-mail address.",
    "Line 9, born: It must be in the past.",
  );
});

test("a rejected file is answered with its reason and its error file alone", () => {
  const reason = {
    code: "rows_invalid",
    message: "3 of 20 records have errors. Mend them and send the file again. The first: line 4: Jane Doe is unknown.",
  };
  const reply = buildReply({ status: "rejected", reason, imported: null, rejected: 3 }, { files: [RESULT, ERRORS] });
  expect(replyMail(reply).attached).toEqual([ERRORS]);
  expectBoth(reply, "FAILED", "The file was not imported.", "3 of 20 records have errors.", "it may keep its name");
  // What a rule of the platform's own says of a record may hold a cell.
  for (const form of both(reply)) expect(form).not.toContain("Jane Doe");
});

test.each([
  ["failed", { imported: null }, ["The file was not imported.", "there is no need to send the file again"]],
  ["failed", {}, ["The rows are imported, but the work after that did not end.", "no need to send the file again"]],
  ["duplicate", { reason: { code: "duplicate_name", message: "It was here before." } }, ["DUPLICATE", "It was here"]],
  ["superseded", {}, ["SUPERSEDED", "A newer file was imported before this one"]],
  [
    "cancelled",
    { reason: { code: "cancelled", message: "Cancelled by the operator." } },
    ["Cancelled by the operator."],
  ],
  [
    "rejected",
    { table: null, reason: { code: "zip_password_wrong", message: "It does not open." } },
    ["It does not open.", "send the file in a new e-mail."],
  ],
] as const)("a file that ended as %s (%o) is answered without a file", (status, batch, sentences) => {
  const reply = buildReply({ status, ...batch });
  expect(replyMail(reply).attached).toEqual([]);
  expectBoth(reply, ...sentences);
});

test("what is too large for an e-mail is said to be where it was delivered", () => {
  const placed = [
    { kind: "wrapped_result" as const, destination: "downloads:meadow_data", path: "Downloads/PURL_spring.zip" },
    { kind: "wrapped_result" as const, destination: "sftp:files.meadow.example", path: "/in/PURL_spring.zip" },
  ];
  const reply = buildReply({}, { replyBytes: 4_499, placed });
  expect(replyMail(reply).attached).toEqual([]);
  expectBoth(
    reply,
    "The result is too large for an e-mail; see below where to fetch it.",
    "The result, in your SFTP account meadow_data: Downloads/PURL_spring.zip",
    "The result, on your server files.meadow.example: /in/PURL_spring.zip",
  );
});

test("both files count, and what lies nowhere is fetched through the API", () => {
  const files = [RESULT, ERRORS];
  expect(replyMail(buildReply({}, { files, replyBytes: 5_980 })).attached).toEqual(files);
  const reply = buildReply({}, { files, replyBytes: 5_979 });
  expect(replyMail(reply).attached).toEqual([]);
  expectBoth(
    reply,
    "see below where to fetch them",
    "GET /v1/batches/7/artifacts/wrapped_result",
    "GET /v1/batches/7/artifacts/wrapped_errors",
  );
});

test("a result that is not wrapped is never mailed", () => {
  const files = [stored("result", "PURL_spring.csv")];
  expect(() => replyMail(buildReply({}, { files }))).toThrow(
    expect.objectContaining({ name: "InvariantBroken", code: "result_not_wrapped" }),
  );
  // It goes nowhere when the work on it failed.
  expect(replyMail(buildReply({ status: "failed" }, { files })).attached).toEqual([]);
});

test("an error file that is not wrapped stays, and the mail says where", () => {
  const files = [RESULT, stored("errors", "spring.errors.csv")];
  const reply = buildReply({ status: "partial", rejected: 1 }, { files });
  expect(replyMail(reply).attached).toEqual([RESULT]);
  expectBoth(reply, "The error file is not attached", "GET /v1/batches/7/artifacts/errors");
});

test("a rehearsal says that it is one", () => {
  expectBoth(buildReply({}, { rehearsal: true }), "This is a rehearsal");
  for (const form of both(buildReply())) expect(form).not.toContain("rehearsal");
});

test.each<[ReplyMessage["batch"]["status"], Partial<ReplyMessage["batch"]>, string[]]>([
  ["completed", {}, ["20 rows would be imported, and 20 personal links are ready.", "Rehearsed"]],
  ["partial", { imported: 1, rejected: 19 }, ["1 row would be imported, 19 rows were left out."]],
  ["rejected", { imported: null }, ["The file would not be imported."]],
  ["failed", {}, ["The rows would be imported, but the work after that did not end."]],
])("no row of a rehearsal is said to be imported: %s", (status, facts, sentences) => {
  const reply = buildReply({ status, ...facts }, { rehearsal: true });
  expectBoth(reply, ...sentences);
  for (const form of both(reply)) expect(form).not.toMatch(/(?<!(would|not) be )\bimported\b/i);
});

test("what strangers wrote stays text", () => {
  const name = `<script>"x"</script>\r\n.csv`;
  const { html, subject } = replyMail(buildReply({ fileName: name }, { answered: { subject: name, messageId: null } }));
  expect(html).not.toContain("<script>");
  expect(subject).toBe(`Re: <script>"x"</script> .csv`);
});
