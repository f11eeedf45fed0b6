import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import { type Blobs, openBlobs } from "@inlet/blobs";
import type { ArtifactKind, Issue, ProfileInput, Reason, StepKind } from "@inlet/contracts";
import { type Artifact, type Database, lockProjectIntake, openDatabase, transaction } from "@inlet/database";
import {
  advance,
  openPublisher,
  type Publisher,
  receiveFiles,
  reject,
  retryBatch,
  runStage,
  type Stage,
} from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { openTestStack, waitFor as waitForStack } from "@inlet/stack";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildProfile } from "../fixtures/profile.ts";
import { live } from "../fixtures/reception.ts";

const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;

const waitFor = <T>(ask: () => Promise<T | undefined | false>) =>
  waitForStack(ask, { timeoutMs: 30_000, what: "the reply" });

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let blobs: Blobs;
let publisher: Publisher;
let workers: { close(): Promise<void> }[] = [];
let projectNumber = 0;
let project: Awaited<ReturnType<typeof live>>;
/** Where the e-mails of one test come from, so that its answers are found. */
let sender: string;

beforeAll(async () => {
  stack = await openTestStack({ services: ["notifier"] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 20 });
  blobs = openBlobs(join(stack.dataFolder, "blobs"));
  publisher = openPublisher(stack.redisUrl, logger);
  await waitFor(() =>
    publisher.ping().then(
      () => true,
      () => false,
    ),
  );
});
afterAll(async () => {
  await publisher?.close();
  await database?.close();
  await stack?.stop();
});
beforeEach(async () => {
  projectNumber += 1;
  sender = `data@meadow${projectNumber}.example`;
  project = await liveWith();
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
});

/** A project that takes files by e-mail. */
const liveWith = (email: Partial<NonNullable<ProfileInput["email"]>> = {}) =>
  live(
    database,
    buildProfile({
      client: `meadow${projectNumber}`,
      title: "Spring campaign",
      notify: { recipients: [] },
      incoming: { zip: { password: "zip", encryption: "require" } },
      email: { senders: [sender], ...email },
    }),
  );

async function work(stages: Partial<Record<StepKind, Stage>>): Promise<void> {
  for (const kind of ["validate", "personalise", "import", "deliver"] as const) {
    const counts = kind === "import" ? { imported: true, counts: { imported: 2 } } : {};
    const stage: Stage = stages[kind] ?? (async () => advance(counts));
    workers.push(
      await runStage(kind, stage, {
        database,
        redisUrl: stack.redisUrl,
        logger,
        health,
        concurrency: 4,
        leaseMs: 20_000,
      }),
    );
  }
}

/** Stores a file of a batch as a stage would. */
async function store(batchId: number, kind: ArtifactKind, name: string, bytes: Buffer): Promise<Artifact> {
  const { key: blobKey, sizeBytes, sha256 } = await blobs.put(`${project.client}/${batchId}/${kind}`, bytes);
  return { kind, blobKey, name, sizeBytes, sha256 };
}

/** A file that came attached to an e-mail, as the intake of e-mails leaves it; its batch as the watcher makes it. */
async function mailIn(
  fileName: string,
  {
    subject = "November's data",
    source = "email",
    partOf,
  }: { subject?: string; source?: string; partOf?: number } = {},
): Promise<number> {
  const sha256 = createHash("sha256").update(randomBytes(8)).digest();
  const file = { fileName, sizeBytes: 10, sha256, declared: null, tableName: "rows", refusal: null };
  const reception = await transaction(database, async (tx) => {
    await lockProjectIntake(tx, project.projectId);
    let arrivalId: number | null = null;
    if (partOf === undefined) {
      const { id } = await tx.query
        .insertInto("arrivals")
        .values({
          ...{
            source: "email",
            project_id: project.projectId,
            path: `/${sha256.toString("hex")}`,
            file_name: fileName,
          },
          ...{ generation: 1, size_bytes: 10, location: `mail/${sha256.toString("hex")}`, state: "batched" },
        })
        .returning("id")
        .executeTakeFirstOrThrow();
      arrivalId = id;
      await tx.query
        .insertInto("mails")
        .values({
          ...{ project_id: project.projectId, identity: sha256, arrival_id: id, via: "smtp", from_address: sender },
          ...{ subject, message_id: `<${id}@meadow.example>`, to_address: "files@hub.example" },
        })
        .execute();
    }
    return await receiveFiles(tx, project, [
      {
        ...file,
        ...{ arrivalId, accountId: null, source, runKey: `test:${sha256.toString("hex")}` },
        ...(partOf !== undefined && { partOf }),
        storeSource: async () => null,
      },
    ]);
  });
  await publisher.steps(reception.steps);
  await publisher.messages(reception.messages);
  return reception.batches[0]!.batchId;
}

interface ReadReply {
  subject: string;
  messageId: string;
  text: string;
  headers: { name: string; value: string }[];
  attachments: { filename: string; sizeBytes: number; bytes: Buffer }[];
}

/** The answers that have come to the test's sender, the newest last, when there are as many. */
async function replies(count: number): Promise<ReadReply[]> {
  const listed = await waitFor(async () => {
    const answer = await fetch(`${stack.mailboxUrl}/api/messages?to=${encodeURIComponent(sender)}`);
    const mails = (await answer.json()) as { id: string; receivedAt: string }[];
    return mails.length >= count && mails;
  });
  expect(listed).toHaveLength(count);
  const ordered = listed.sort((a, b) => a.receivedAt.localeCompare(b.receivedAt));
  return await Promise.all(
    ordered.map(async ({ id }) => {
      const mail = (await (await fetch(`${stack.mailboxUrl}/api/messages/${id}`)).json()) as ReadReply;
      const attachments = mail.attachments.map(async (attachment, index) => {
        const file = await fetch(`${stack.mailboxUrl}/api/messages/${id}/attachments/${index}`);
        return { ...attachment, bytes: Buffer.from(await file.arrayBuffer()) };
      });
      return { ...mail, text: mail.text.replace(/\s+/g, " "), attachments: await Promise.all(attachments) };
    }),
  );
}

const repliesWritten = (batchId: number) =>
  database.query.selectFrom("messages").selectAll().where("batch_id", "=", batchId).orderBy("id").execute();

const issue = (line: number, overrides: Partial<Issue> = {}): Issue => ({
  ...{ line, record: line - 1, offset: 10, column: "name", code: "value_missing" },
  ...{ message: "name is empty.", value: "Jane Doe", severity: "error", fix: null },
  ...overrides,
});

test("a file that came by e-mail is answered with its wrapped result", async () => {
  const bytes = randomBytes(200_000);
  await work({
    personalise: async ({ step: { batchId } }) =>
      advance({
        counts: { records: 2, valid: 2, rejected: 0, links: 2 },
        artifacts: [
          await store(batchId, "result", "PURL_spring.csv", Buffer.from("clear")),
          await store(batchId, "wrapped_result", "PURL_spring.zip", bytes),
        ],
      }),
  });
  const batchId = await mailIn("spring.zip");
  const [reply] = await replies(1);
  expect(reply!.subject).toBe("Re: November's data");
  expect(reply!.text).toContain("Spring campaign, spring.zip: SUCCESS The file came through: 2 rows are imported");
  expect(reply!.attachments.map(({ filename }) => filename)).toEqual(["PURL_spring.zip"]);
  expect(reply!.attachments[0]!.bytes.equals(bytes)).toBe(true);
  const [written] = await repliesWritten(batchId);
  expect(written).toMatchObject({ key: `reply:${batchId}:1`, recipient: sender, payload: { event: "reply" } });
  expect(written!.payload).toMatchObject({ answered: { to: "files@hub.example" } });
});

test("a rejected file is answered with its reason, findings without values, and its wrapped error file", async () => {
  const reason: Reason = { code: "rows_invalid", message: "2 of 2 records have errors." };
  const issues = [
    issue(2),
    issue(3, { code: "hook_customers_known", message: "Jane Doe is unknown.", column: null }),
    issue(4, { severity: "warning", message: "only a warning" }),
  ];
  await work({
    validate: async ({ step: { batchId } }) =>
      reject(reason, {
        issues,
        issueTotals: { value_missing: 1, hook_customers_known: 1 },
        counts: { records: 2, valid: 0, rejected: 2 },
        artifacts: [await store(batchId, "wrapped_errors", "spring.errors.zip", Buffer.from("locked"))],
      }),
  });
  const batchId = await mailIn("spring.zip");
  const [reply] = await replies(1);
  expect(reply!.text).toContain("spring.zip: FAILED");
  expect(reply!.text).toContain("Reason: 2 of 2 records have errors.");
  expect(reply!.text).toContain("Line 2: name is empty.");
  expect(reply!.text).toContain("Line 3: The record breaks the rule customers_known.");
  expect(reply!.attachments.map(({ bytes }) => bytes.toString())).toEqual(["locked"]);
  expect(JSON.stringify(await repliesWritten(batchId))).not.toContain("Jane Doe");
});

test("a failure of ours is answered, and what an operator's retry makes of it is answered, too", async () => {
  let isBroken = true;
  await work({
    personalise: async ({ step: { batchId } }) => {
      if (isBroken) throw new Error("a bug of ours");
      return advance({ artifacts: [await store(batchId, "wrapped_result", "PURL_spring.zip", Buffer.from("locked"))] });
    },
  });
  const batchId = await mailIn("spring.zip");
  const [failed] = await replies(1);
  expect(failed!.text).toContain("there is no need to send the file again");
  expect(failed!.attachments).toEqual([]);

  isBroken = false;
  await retryBatch(database, publisher, { batchId, actor: "operator" });
  const [first, second] = await replies(2);
  expect(first).toEqual(failed);
  expect(second!.text).toContain("spring.zip: SUCCESS");
  expect(second!.attachments).toHaveLength(1);
  expect(second!.messageId).not.toBe(failed!.messageId);
  expect((await repliesWritten(batchId)).map(({ key }) => key)).toEqual([`reply:${batchId}:1`, `reply:${batchId}:2`]);
});

test("a file that is there already is answered at once", async () => {
  await work({});
  await mailIn("spring.zip");
  await replies(1);
  await mailIn("spring.zip", { subject: "The same again" });
  const [, again] = await replies(2);
  expect(again!.subject).toBe("Re: The same again");
  expect(again!.text).toContain("spring.zip: DUPLICATE");
  expect(again!.text).toContain("A file named spring.zip was accepted before");
});

test("a result that is too large for an e-mail is said to be where it was delivered", async () => {
  project = await liveWith({ replyBytes: 100_000 });
  await work({
    personalise: async ({ step: { batchId } }) =>
      advance({ artifacts: [await store(batchId, "wrapped_result", "PURL_spring.zip", randomBytes(100_001))] }),
    deliver: async ({ step: { batchId } }) => {
      await database.query
        .insertInto("deliveries")
        .values({
          ...{ batch_id: batchId, artifact: "wrapped_result", destination: "downloads:meadow_data" },
          ...{ path: "/spring/Downloads/PURL_spring.zip", size_bytes: 100_001, sha256: Buffer.alloc(32) },
        })
        .execute();
      return advance();
    },
  });
  await mailIn("spring.zip");
  const [reply] = await replies(1);
  expect(reply!.attachments).toEqual([]);
  expect(reply!.text).toContain("in your SFTP account meadow_data: /spring/Downloads/PURL_spring.zip");
});

test("of a ZIP of several files each is answered, and the ZIP itself is not", async () => {
  let unpack: PromiseWithResolvers<void> | undefined = Promise.withResolvers();
  await work({
    validate: async ({ step: { partOf } }) => {
      if (partOf !== null) return advance();
      await unpack?.promise;
      return { verdict: "end", status: "unpacked", reason: { code: "unpacked", message: "2 files were in it." } };
    },
  });
  const whole = await mailIn("spring.zip");
  const parts = [await mailIn("one.csv", { partOf: whole }), await mailIn("two.csv", { partOf: whole })];
  unpack.resolve();
  unpack = undefined;
  const answers = await replies(2);
  expect(answers.map(({ text }) => /Spring campaign, (\S+): SUCCESS/.exec(text)?.[1]).sort()).toEqual([
    "one.csv",
    "two.csv",
  ]);
  for (const { subject, headers } of answers) {
    expect(subject).toBe("Re: November's data");
    expect(headers.find(({ name }) => name.toLowerCase() === "auto-submitted")?.value).toBe("auto-replied");
  }
  expect(await repliesWritten(whole)).toEqual([]);
  for (const part of parts) expect(await repliesWritten(part)).toHaveLength(1);
});

test("what came another way is answered to nobody", async () => {
  await work({});
  const batchId = await mailIn("spring.zip", { source: "upload" });
  await waitFor(async () => {
    const batch = await database.query
      .selectFrom("batches")
      .select("ended_at")
      .where("id", "=", batchId)
      .executeTakeFirst();
    return batch?.ended_at !== null;
  });
  expect(await repliesWritten(batchId)).toEqual([]);
});

test("a result that is not wrapped is a dead letter, not an e-mail", async () => {
  await work({
    personalise: async ({ step: { batchId } }) =>
      advance({ artifacts: [await store(batchId, "result", "PURL_spring.csv", Buffer.from("clear"))] }),
  });
  const batchId = await mailIn("spring.zip");
  const letter = await waitFor(async () => (await repliesWritten(batchId)).find(({ state }) => state === "failed"));
  expect(letter.error).toMatchObject({ code: "result_not_wrapped" });
});
