import type { BatchDetailRow } from "@inlet/database";
import { expect, test } from "vitest";
import { timelineOf } from "./timeline.ts";

const MINUTE = "2026-11-20T09:00";

/** A batch that was received and has done nothing yet. */
function buildBatch(overrides: Partial<BatchDetailRow>): BatchDetailRow {
  const none = {
    declared: null,
    records: null,
    valid: null,
    rejected: null,
    staged: null,
    imported: null,
    links: null,
    withheld: null,
  };
  return {
    ...none,
    id: 1,
    client: "spring",
    project: "video",
    tableName: "contacts",
    runId: 1,
    source: "gateway",
    fileName: "a.csv",
    sizeBytes: 10,
    status: "running",
    rehearsal: false,
    reasonCode: null,
    reasonMessage: null,
    issueTotals: {},
    receivedAt: new Date(`${MINUTE}:00.000Z`),
    startedAt: null,
    endedAt: null,
    stage: null,
    clientId: 1,
    profileVersion: 1,
    sha256: Buffer.alloc(32),
    account: "spring",
    arrivalId: 1,
    importedAt: null,
    forcedReason: null,
    corrects: null,
    correctedBy: [],
    partOf: null,
    parts: [],
    rerunOf: null,
    pull: null,
    reruns: [],
    findingsByColumn: [],
    issuesKept: 0,
    neighbours: { older: null, newer: null },
    linksExpireAt: null,
    filesKeptUntil: null,
    filesDeletedAt: null,
    forgottenAt: null,
    revoked: { all: false, records: 0 },
    steps: [],
    events: [],
    artifacts: [],
    deliveries: [],
    messages: [],
    ...overrides,
  };
}

type Step = BatchDetailRow["steps"][number];
function buildStep(overrides: Partial<Step>): Step {
  const at = `${MINUTE}:00.001000+00:00`;
  const times = { notBefore: at, createdAt: at, readyAt: at, startedAt: at, finishedAt: at };
  return {
    kind: "validate",
    state: "done",
    attempts: 1,
    losses: 0,
    worker: "host:7",
    error: null,
    ...times,
    ...overrides,
  };
}

const now = new Date(`${MINUTE}:30Z`);
const texts = (batch: BatchDetailRow, forClient = false) =>
  timelineOf(batch, { forClient, now }).map(({ text }) => text);

test("what happened within one millisecond stands in its order, and the end comes last", () => {
  const batch = buildBatch({
    status: "completed",
    endedAt: new Date(`${MINUTE}:00.002Z`),
    steps: [
      buildStep({ kind: "import", finishedAt: `${MINUTE}:00.002900+00:00` }),
      buildStep({ kind: "validate", finishedAt: `${MINUTE}:00.002100+00:00` }),
    ],
  });
  expect(texts(batch)).toEqual(["Received by SFTP from spring: a.csv, 10 B", "Checked", "Imported", "Completed"]);
});

test.each([
  ["waiting", {}, "The check waits for its turn"],
  ["ready", {}, "The check is ready for a worker"],
  ["ready", { notBefore: `${MINUTE}:45+00:00` }, "The check is tried again at 09:00:45 UTC"],
  ["running", { attempts: 2 }, "Being checked, attempt 2"],
  [
    "failed",
    { attempts: 4, error: { code: "x", message: "Odd", retryable: false } },
    "The check failed after 4 attempts: Odd",
  ],
] as const)("a step that is %s with %o reads: %s", (state, overrides, text) => {
  expect(texts(buildBatch({ steps: [buildStep({ state, ...overrides })] })).at(-1)).toBe(text);
});

test("why a batch ended is told once", () => {
  const error = { code: "x", message: "Odd", retryable: false };
  const steps = [buildStep({ state: "failed", attempts: 4, error })];
  const end = { endedAt: new Date(`${MINUTE}:00.002Z`), steps };
  expect(texts(buildBatch({ ...end, status: "rejected", reasonMessage: "Odd" })).slice(1)).toEqual(["Rejected: Odd"]);
  expect(texts(buildBatch({ ...end, status: "failed", reasonMessage: "The check failed: Odd" })).slice(1)).toEqual([
    "The check failed after 4 attempts",
    "Failed: The check failed: Odd",
  ]);
});

test("retries, lost workers and cancellations are told with who and why; to a client without", () => {
  const events = [
    { at: `${MINUTE}:01+00:00`, event: "lease lost", actor: "host:7", detail: { step: "import", losses: 1 } },
    {
      at: `${MINUTE}:02+00:00`,
      event: "retried",
      actor: "Ana",
      detail: { step: "import", force: true, reason: "agreed" },
    },
    { at: `${MINUTE}:03+00:00`, event: "cancelled", actor: "Bo", detail: {} },
    { at: `${MINUTE}:04+00:00`, event: "something new", actor: "Bo", detail: {} },
  ];
  expect(texts(buildBatch({ events })).slice(1)).toEqual([
    "The import was interrupted (host:7 did not answer any more) and is taken up again",
    "Set under way again by Ana, forced: agreed",
    "Cancelled by Bo",
    "Something new by Bo",
  ]);
  const told = timelineOf(buildBatch({ events }), { forClient: true, now });
  expect(JSON.stringify(told)).not.toMatch(/Ana|Bo|host:7|agreed/);
});

test("an e-mail that cannot go out is told as long as it does not, and when it failed for good", () => {
  const at = `${MINUTE}:05+00:00`;
  const message = {
    id: 1,
    kind: "email",
    event: "completed",
    recipient: "ops@example.org",
    state: "ready" as const,
    attempts: 2,
    notBefore: at,
    response: null,
    error: { code: "smtp", message: "421 busy", retryable: true },
    createdAt: at,
    finishedAt: null,
  };
  expect(texts(buildBatch({ messages: [message] })).at(-1)).toBe(
    "The report to ops@example.org has not gone out after 2 attempts: 421 busy",
  );
  const failed = { ...message, state: "failed" as const, finishedAt: at };
  expect(texts(buildBatch({ messages: [failed] })).at(-1)).toBe(
    "The report to ops@example.org failed for good: 421 busy",
  );
  expect(texts(buildBatch({ messages: [{ ...message, attempts: 0 }] }))).toHaveLength(1);
});

test("the delivery of a rejected batch's error file comes after its end, and its failure stays in the story", () => {
  const after = `${MINUTE}:05.000000+00:00`;
  const rejected = {
    status: "rejected",
    reasonCode: "x",
    reasonMessage: "No header.",
    endedAt: new Date(`${MINUTE}:01Z`),
  } as const;
  const events = [
    {
      at: after,
      event: "failed after the end",
      actor: "pipeline",
      detail: { step: "deliver", code: "name_taken", message: "In the way." },
    },
  ];
  const story = (state: Step["state"]) => {
    const step = buildStep({ kind: "deliver", state, createdAt: after, finishedAt: `${MINUTE}:09.000000+00:00` });
    return buildBatch({ ...rejected, steps: [step], events });
  };
  expect(texts(story("failed")).slice(1)).toEqual([
    "Rejected: No header.",
    "The delivery of the error file failed: In the way.",
  ]);
  expect(texts(story("done"), true).slice(1)).toEqual([
    "Rejected: No header.",
    "The delivery of the error file failed",
    "Error file delivered",
  ]);
});
