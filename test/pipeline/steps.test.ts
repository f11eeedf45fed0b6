import { setTimeout as delay } from "node:timers/promises";
import { InvalidInput, InvariantBroken, type StepKind, Unavailable } from "@inlet/contracts";
import {
  type Database,
  endFencedSessions,
  finishSteps,
  openDatabase,
  renewLeases,
  type Tx,
  transaction,
} from "@inlet/database";
import {
  advance,
  cancelBatch,
  openPublisher,
  type Publisher,
  reconcile,
  reject,
  retryBatch,
  runStage,
  type Stage,
} from "@inlet/pipeline";
import { createLogger, type Health } from "@inlet/runtime";
import { openTestStack, waitFor as waitForStack } from "@inlet/stack";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { live, receive } from "../fixtures/reception.ts";

const logger = createLogger("test", "fatal");
const health = { addCheck() {} } as unknown as Health;

/** Waits for what the pipeline does by itself. */
const waitFor = <T>(ask: () => Promise<T | undefined | false>) =>
  waitForStack(ask, { timeoutMs: 30_000, what: "the pipeline" });

let stack: Awaited<ReturnType<typeof openTestStack>>;
let database: Database;
let publisher: Publisher;
let workers: { close(): Promise<void> }[] = [];
let projectNumber = 0;
let project: Awaited<ReturnType<typeof live>>;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
  database = openDatabase(stack.databaseUrl, { applicationName: "test", maxConnections: 20 });
  publisher = openPublisher(stack.redisUrl, logger);
  await waitFor(
    async () =>
      await publisher.ping().then(
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
  project = await live(database, buildProfile({ client: `acme${projectNumber}` }));
});
afterEach(async () => {
  await Promise.all(workers.map((worker) => worker.close()));
  workers = [];
});

/** Works on one kind of step with a stage of the test's own; the others pass on at once. */
async function work(stages: Partial<Record<StepKind, Stage>>, leaseMs = 600_000): Promise<void> {
  for (const kind of ["validate", "personalise", "import", "deliver"] as const) {
    const stage: Stage = stages[kind] ?? (async () => advance(kind === "import" ? { imported: true } : {}));
    workers.push(
      await runStage(kind, stage, {
        database,
        redisUrl: stack.redisUrl,
        logger,
        health,
        concurrency: 4,
        leaseMs,
        retryMs: 50,
      }),
    );
  }
}

const batch = async (id: number) =>
  await database.query.selectFrom("batches").selectAll().where("id", "=", id).executeTakeFirstOrThrow();
const step = async (batchId: number, kind: StepKind) =>
  await database.query
    .selectFrom("steps")
    .selectAll()
    .where("batch_id", "=", batchId)
    .where("kind", "=", kind)
    .executeTakeFirst();
const messagesOf = async (batchId: number) => {
  const { run_id } = await batch(batchId);
  return await database.query.selectFrom("messages").selectAll().where("run_id", "=", run_id).execute();
};
const ended = (id: number) => waitFor(async () => ((await batch(id)).ended_at ? await batch(id) : undefined));

test("a batch goes through all its stages, in order, once each, and its run is reported once", async () => {
  const seen: string[] = [];
  const note =
    (kind: StepKind): Stage =>
    async () => {
      seen.push(kind);
      return advance(
        kind === "import" ? { imported: true, counts: { staged: 1, imported: 1 } } : { result: { from: kind } },
      );
    };
  await work({
    validate: note("validate"),
    personalise: note("personalise"),
    import: note("import"),
    deliver: note("deliver"),
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  expect(await ended(batchId)).toMatchObject({ status: "completed", imported: 1 });
  expect(seen).toEqual(["validate", "personalise", "import", "deliver"]);
  const messages = await messagesOf(batchId);
  expect(messages).toHaveLength(1);
  expect(messages[0]).toMatchObject({ recipient: "ops@example.com", payload: { event: "completed", revision: 1 } });
});

test("what may pass is tried again, and what an earlier stage left is there for the next", async () => {
  let tries = 0;
  let left: unknown;
  await work({
    validate: async () => advance({ result: { dialect: ";" } }),
    personalise: async ({ step: { results } }) => {
      tries += 1;
      left = results.validate;
      if (tries < 3) throw new Unavailable({ code: "away", message: "The thing is away." });
      return advance();
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  expect((await ended(batchId)).status).toBe("completed");
  expect(tries).toBe(3);
  expect(left).toEqual({ dialect: ";" });
});

test("the file's fault rejects the batch at once, with its reason, and nothing is tried again", async () => {
  let tries = 0;
  await work({
    validate: async () => {
      tries += 1;
      throw new InvalidInput({ code: "file_empty", message: "The file is empty." });
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  expect(await ended(batchId)).toMatchObject({ status: "rejected", reason_code: "file_empty" });
  expect(tries).toBe(1);
  expect(await messagesOf(batchId)).toHaveLength(1);
});

test("a step that keeps failing ends as failed; an operator's retry goes on from there and reports again", async () => {
  let broken = true;
  let validated = 0;
  await work({
    validate: async () => {
      validated += 1;
      return advance();
    },
    personalise: async () => {
      if (broken) throw new Error("a bug of ours");
      return advance();
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  const failed = await ended(batchId);
  expect(failed).toMatchObject({ status: "failed", reason_code: "unexpected" });
  expect(failed.reason_message).toMatch(/links failed: Unexpected error: a bug of ours/);

  broken = false;
  await retryBatch(database, publisher, { batchId, actor: "operator" });
  expect((await ended(batchId)).status).toBe("completed");
  expect(validated).toBe(1);
  const revisions = (await messagesOf(batchId)).map(({ payload }) => (payload as { revision: number }).revision);
  expect(revisions).toEqual([1, 2]);
});

test("a worker that comes back after its lease has expired changes nothing", async () => {
  const resume = Promise.withResolvers<void>();
  let attempts = 0;
  await work({
    import: async () => {
      attempts += 1;
      if (attempts > 1) return advance({ imported: true, counts: { imported: 2 } });
      return {
        transact: async () => {
          await resume.promise;
          return advance({ imported: true, counts: { imported: 1 } });
        },
      };
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  await waitFor(async () => attempts === 1);
  // As the reconciler sees a worker that has been frozen for longer than its lease.
  await database.query
    .updateTable("steps")
    .set({ lease_until: new Date(0) })
    .where("batch_id", "=", batchId)
    .where("state", "=", "running")
    .execute();
  await reconcile({ database, publisher, logger });
  expect(await ended(batchId)).toMatchObject({ status: "completed", imported: 2 });
  resume.resolve();
  await waitFor(async () => attempts === 2);
  expect(await batch(batchId)).toMatchObject({ status: "completed", imported: 2 });
  expect(await step(batchId, "import")).toMatchObject({ state: "done", epoch: 2 });
});

test("a step whose row somebody holds costs no other step its lease", async () => {
  const hold = Promise.withResolvers<void>();
  await work({
    validate: async () => {
      await hold.promise;
      return advance();
    },
  });
  const ids: number[] = [];
  for (const fileName of ["a", "b"]) ids.push((await receive({ database, publisher }, project, { fileName })).batchId);
  const [held, free] = await waitFor(async () => {
    const steps = await Promise.all(ids.map((id) => step(id, "validate")));
    return steps.every((each) => each?.state === "running") && steps;
  });
  const leaseUntil = async () => (await step(ids[1]!, "validate"))!.lease_until!;
  const before = await leaseUntil();
  await transaction(database, async (tx) => {
    await tx.query.selectFrom("steps").select("id").where("id", "=", held!.id).forUpdate().execute();
    const steps = [held!, free!].map(({ id, epoch }) => ({ stepId: id, epoch }));
    const renewed = await renewLeases(database, {
      steps: [...steps, { stepId: free!.id, epoch: 99 }],
      leaseMs: 1_200_000,
    });
    expect(renewed).toEqual(
      new Map([
        [held!.id, { isRenewed: false }],
        [free!.id, { isRenewed: true }],
      ]),
    );
  });
  expect((await leaseUntil()).getTime()).toBeGreaterThan(before.getTime());
  hold.resolve();
  await Promise.all(ids.map(ended));
});

test("sessions of a step's earlier attempts are ended; a later attempt's is left alone by one that is late", async () => {
  const attemptAt = async (epoch: number, work: () => Promise<void>) => {
    const name = { applicationName: `inlet:987654:${epoch}` };
    return await transaction(database, work, name).then(
      () => "committed",
      () => "ended",
    );
  };
  const asked = Promise.withResolvers<void>();
  const begun = [Promise.withResolvers<void>(), Promise.withResolvers<void>()] as const;
  const attempts = [2, 10].map((epoch, place) =>
    attemptAt(epoch, async () => {
      begun[place]!.resolve();
      await asked.promise;
    }),
  );
  await Promise.all(begun.map(({ promise }) => promise));
  await endFencedSessions(database, { stepId: 987654, epoch: 9 });
  asked.resolve();
  expect(await Promise.all(attempts)).toEqual(["ended", "committed"]);
});

test("a worker that is frozen between its last statement and its commit holds its step no longer than its lease", async () => {
  const hold = Promise.withResolvers<void>();
  let attempts = 0;
  await work({
    deliver: async () => {
      attempts += 1;
      if (attempts === 1) await hold.promise;
      return advance();
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  await waitFor(async () => attempts === 1);
  const { id, epoch } = (await step(batchId, "deliver"))!;
  await database.query
    .updateTable("steps")
    .set({ lease_until: new Date(0) })
    .where("id", "=", id)
    .execute();
  const unfrozen = Promise.withResolvers<void>();
  const finished = Promise.withResolvers<void>();
  const frozen = transaction(
    database,
    async (tx) => {
      expect((await finishSteps(tx, [{ stepId: id, epoch, result: null }])).size).toBe(1);
      finished.resolve();
      await unfrozen.promise;
    },
    { applicationName: `inlet:${id}:${epoch}` },
  ).then(
    () => "committed",
    () => "ended",
  );
  await finished.promise;
  await reconcile({ database, publisher, logger });
  unfrozen.resolve();
  expect(await frozen).toBe("ended");
  await reconcile({ database, publisher, logger });
  expect(await ended(batchId)).toMatchObject({ status: "completed" });
  expect(await step(batchId, "deliver")).toMatchObject({ epoch: 2, state: "done" });
  hold.resolve();
});

test("a step whose workers vanish again and again is given up with its reason", async () => {
  const frozen = Promise.withResolvers<void>();
  let attempts = 0;
  await work({
    validate: async () => {
      attempts += 1;
      await frozen.promise;
      return advance();
    },
  });
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  for (let loss = 1; loss <= 5; loss += 1) {
    await waitFor(async () => (await step(batchId, "validate"))?.state === "running" || attempts >= 4);
    await database.query
      .updateTable("steps")
      .set({ state: "running", lease_until: new Date(0) })
      .where("batch_id", "=", batchId)
      .execute();
    await reconcile({ database, publisher, logger });
  }
  expect(await batch(batchId)).toMatchObject({ status: "failed", reason_code: "worker_lost" });
  frozen.resolve();
});

test("a message that its worker dies of becomes a dead letter", async () => {
  await work({});
  const { batchId } = await receive({ database, publisher }, project, { fileName: "a.csv" });
  await ended(batchId);
  const message = () => messagesOf(batchId).then(([first]) => first!);
  for (let loss = 1; loss <= 5; loss += 1) {
    await database.query
      .updateTable("messages")
      .set({ state: "running", lease_until: new Date(0) })
      .where("id", "=", (await message()).id)
      .execute();
    await reconcile({ database, publisher, logger });
  }
  expect(await message()).toMatchObject({ state: "failed", error: { code: "worker_lost" } });
});

test("FLUSHALL loses nothing and doubles nothing", async () => {
  const runs = new Map<string, number>();
  const hold = Promise.withResolvers<void>();
  const slow =
    (kind: StepKind): Stage =>
    async ({ step: { batchId } }) => {
      if (kind === "validate") await hold.promise;
      runs.set(`${batchId}:${kind}`, (runs.get(`${batchId}:${kind}`) ?? 0) + 1);
      return advance(kind === "import" ? { imported: true } : {});
    };
  await work({
    validate: slow("validate"),
    personalise: slow("personalise"),
    import: slow("import"),
    deliver: slow("deliver"),
  });
  const batches: number[] = [];
  for (let n = 0; n < 12; n += 1) {
    batches.push((await receive({ database, publisher }, project, { fileName: `${n}.csv` })).batchId);
  }
  const redis = new Redis(stack.redisUrl);
  await redis.flushall();
  hold.resolve();
  const sweeping = { on: true };
  const sweep = (async () => {
    while (sweeping.on) {
      await reconcile({ database, publisher, logger, staleMs: 300 });
      await redis.flushall();
      await reconcile({ database, publisher, logger, staleMs: 300 });
      await delay(50);
    }
  })();
  const statuses = await Promise.all(batches.map(async (id) => (await ended(id)).status));
  sweeping.on = false;
  await sweep;
  redis.disconnect();
  expect(statuses).toEqual(batches.map(() => "completed"));
  expect([...runs.values()].every((times) => times === 1)).toBe(true);
  expect(runs.size).toBe(12 * 4);
}, 120_000);

test("batches of one table import in order of arrival, however their checks end", async () => {
  const imported: number[] = [];
  const first = Promise.withResolvers<void>();
  let firstId = 0;
  await work({
    validate: async ({ step: { batchId } }) => {
      if (batchId === firstId) await first.promise;
      return advance();
    },
    import: async ({ step: { batchId } }) => {
      imported.push(batchId);
      return advance({ imported: true });
    },
  });
  // The first one's id is known before any of its steps runs, because its worker waits for it.
  const a = await receive({ database, publisher }, project, { fileName: "a.csv" });
  firstId = a.batchId;
  const b = await receive({ database, publisher }, project, { fileName: "b.csv" });
  const c = await receive({ database, publisher }, project, { fileName: "c.csv" });
  await waitFor(async () => (await step(c.batchId, "import"))?.state === "waiting" || imported.includes(a.batchId));
  first.resolve();
  await Promise.all([a, b, c].map(({ batchId }) => ended(batchId)));
  expect(imported).toEqual([a, b, c].map(({ batchId }) => batchId));
});

test.each(["rows", null])(
  "imports wait for an earlier file whose table only its content tells, and it is of table %s",
  async (found) => {
    const imported: number[] = [];
    const first = Promise.withResolvers<void>();
    await work({
      validate: async ({ step: { fileName } }) => {
        if (fileName !== "unknown.zip") return advance();
        await first.promise;
        if (found === null) return reject({ code: "unknown_name", message: "It belongs to no table." });
        return advance({ tableName: found });
      },
      import: async ({ step: { batchId } }) => {
        imported.push(batchId);
        return advance({ imported: true });
      },
    });
    const a = await receive({ database, publisher }, project, { fileName: "unknown.zip", table: null });
    const b = await receive({ database, publisher }, project, { fileName: "b.csv" });
    const c = await receive({ database, publisher }, project, { fileName: "c.csv" });
    const waiting = [b, c].map(({ batchId }) => batchId);
    const imports = () => Promise.all(waiting.map(async (id) => (await step(id, "import"))?.state));
    await waitFor(async () => (await imports()).every((state) => state === "waiting"));
    // The reconciler admits what has waited for a second.
    await database.pool.query("UPDATE steps SET created_at = created_at - interval '2 s' WHERE state = 'waiting'");
    await reconcile({ database, publisher, logger });
    expect(await imports()).toEqual(["waiting", "waiting"]);

    first.resolve();
    await ended(found === null ? a.batchId : c.batchId);
    if (found === null) await reconcile({ database, publisher, logger });
    await Promise.all(waiting.map(ended));
    expect(imported).toEqual(found === null ? waiting : [a.batchId, ...waiting]);
    expect(await batch(a.batchId)).toMatchObject({ table_name: found });
  },
);

/** A pile of imports that wait behind one that is held: receives files, and lets the first import go when all are there. */
async function pile(names: readonly string[], transact: (batchId: number, tx: Tx) => Promise<void>) {
  const hold = Promise.withResolvers<void>();
  const attempts: number[] = [];
  await work({
    validate: async ({ step: { fileName } }) => {
      if (fileName === names[0]) await hold.promise;
      return advance();
    },
    import: async ({ step: { batchId } }) => ({
      transact: async (tx) => {
        attempts.push(batchId);
        await transact(batchId, tx);
        return advance({ imported: true });
      },
    }),
  });
  const ids: number[] = [];
  for (const fileName of names) ids.push((await receive({ database, publisher }, project, { fileName })).batchId);
  await waitFor(async () => {
    const states = await Promise.all(ids.slice(1).map(async (id) => (await step(id, "import"))?.state));
    return states.every((state) => state === "waiting");
  });
  hold.resolve();
  return { ids, attempts };
}

test("imports that wait behind one another are one transaction, in order of arrival", async () => {
  const transactions = new Set<string>();
  const { ids, attempts } = await pile(["a", "b", "c", "d"], async (_batchId, tx) => {
    const { rows } = await tx.client.query<{ id: string }>("SELECT pg_current_xact_id()::text AS id");
    transactions.add(rows[0]!.id);
  });
  await Promise.all(ids.map(ended));
  expect(attempts).toEqual(ids);
  expect(transactions.size).toBe(1);
});

test("of imports in one transaction one fails for good: it alone ends as failed, and the others land, in order", async () => {
  let bad = 0;
  const landed: number[] = [];
  const { ids } = await pile(["a", "b", "c", "d"], async (batchId) => {
    bad ||= batchId + 2;
    if (batchId === bad) throw new InvariantBroken({ code: "counts_differ", message: "The counts do not agree." });
    landed.push(batchId);
  });
  const statuses = (await Promise.all(ids.map(ended))).map(({ status }) => status);
  expect(statuses).toEqual(["completed", "completed", "failed", "completed"]);
  const [a, b, , d] = ids;
  // First together, and rolled back; then one by one.
  expect(landed).toEqual([a, b, a, b, d]);
});

test("an import that is to be tried again keeps those behind it waiting", async () => {
  let second = 0;
  let failures = 0;
  const landed: number[] = [];
  const { ids } = await pile(["a", "b", "c"], async (batchId) => {
    second ||= batchId + 1;
    if (batchId === second && failures < 2) {
      failures += 1;
      throw new Unavailable({ code: "away", message: "The thing is away." });
    }
    landed.push(batchId);
  });
  await Promise.all(ids.map(ended));
  const [a, b, c] = ids;
  expect(landed).toEqual([a, a, b, c]);
  expect(await step(c!, "import")).toMatchObject({ attempts: 1, state: "done" });
});

test("a worker that vanishes with several imports loses none, and their order stays", async () => {
  const frozen = Promise.withResolvers<void>();
  const order: number[] = [];
  let isFirst = true;
  const { ids } = await pile(["a", "b", "c"], async (batchId) => {
    if (isFirst) {
      isFirst = false;
      await frozen.promise;
    }
    order.push(batchId);
  });
  await waitFor(async () => (await step(ids[2]!, "import"))?.state === "running");
  await database.query
    .updateTable("steps")
    .set({ lease_until: new Date(0) })
    .where("batch_id", "in", ids)
    .where("state", "=", "running")
    .execute();
  await reconcile({ database, publisher, logger });
  const again = await Promise.all(ids.map(ended));
  frozen.resolve();
  expect(again.map(({ status }) => status)).toEqual(["completed", "completed", "completed"]);
  expect(order.slice(0, 3)).toEqual(ids);
  await waitFor(async () => order.length >= 3);
  expect(await step(ids[0]!, "import")).toMatchObject({ epoch: 2, losses: 1, state: "done" });
});

test("the same name at the same moment: exactly one is accepted, the other is a visible duplicate", async () => {
  await work({});
  const both = await Promise.all([1, 2].map(() => receive({ database, publisher }, project, { fileName: "Same.csv" })));
  const statuses = await Promise.all(both.map(async ({ batchId }) => (await ended(batchId)).status));
  expect(statuses.sort()).toEqual(["completed", "duplicate"]);
});

test("after a rejected file the same name is welcome", async () => {
  let reject = true;
  await work({
    validate: async () => {
      if (reject) throw new InvalidInput({ code: "bad", message: "bad" });
      return advance();
    },
  });
  const first = await receive({ database, publisher }, project, { fileName: "x.csv" });
  expect((await ended(first.batchId)).status).toBe("rejected");
  reject = false;
  const second = await receive({ database, publisher }, project, { fileName: "x.csv" });
  expect((await ended(second.batchId)).status).toBe("completed");
});

test("a cancelled batch stops where it is, and the next of its table goes on", async () => {
  const hold = Promise.withResolvers<void>();
  const imported: number[] = [];
  let heldId = 0;
  await work({
    personalise: async ({ step: { batchId }, signal }) => {
      if (batchId === heldId) {
        await Promise.race([hold.promise, new Promise((_, fail) => signal.addEventListener("abort", fail))]);
      }
      return advance();
    },
    import: async ({ step: { batchId } }) => {
      imported.push(batchId);
      return advance({ imported: true });
    },
    validate: async ({ step: { batchId } }) => {
      heldId ||= batchId;
      return advance();
    },
  });
  const held = await receive({ database, publisher }, project, { fileName: "held.csv" });
  await waitFor(async () => (await step(held.batchId, "personalise"))?.state === "running");
  const next = await receive({ database, publisher }, project, { fileName: "next.csv" });
  await waitFor(async () => (await step(next.batchId, "import"))?.state === "waiting");
  await cancelBatch(database, publisher, { batchId: held.batchId, actor: "operator", reason: "wrong file" });
  expect((await ended(next.batchId)).status).toBe("completed");
  hold.resolve();
  expect(await batch(held.batchId)).toMatchObject({ status: "cancelled", imported_at: null });
  expect(imported).toEqual([next.batchId]);
  await expect(cancelBatch(database, publisher, { batchId: held.batchId, actor: "operator" })).rejects.toThrow(
    /cancelled/,
  );
});

test("a run by date is reported when all expected tables have ended, and again after a late file", async () => {
  await work({});
  const dated = await live(
    database,
    buildProfile({
      client: `dated${projectNumber}`,
      run: { group: "date", expect: ["store", "sales"], settleSeconds: 3600 },
      tables: [buildTable({ name: "store" }), buildTable({ name: "sales" }), buildTable({ name: "extra" })],
    }),
  );
  const send = (fileName: string, table: string) =>
    receive({ database, publisher }, dated, { fileName, table, runKey: "2026-11-20" });
  const store = await send("store.tsv", "store");
  await ended(store.batchId);
  expect(await messagesOf(store.batchId)).toHaveLength(0);
  const sales = await send("sales.tsv", "sales");
  await ended(sales.batchId);
  const [report] = await waitFor(async () => {
    const messages = await messagesOf(store.batchId);
    return messages.length > 0 ? messages : undefined;
  });
  expect(report!.payload).toMatchObject({
    run: "2026-11-20",
    missing: [],
    batches: [
      { table: "store", status: "completed" },
      { table: "sales", status: "completed" },
    ],
  });
  const late = await send("extra.tsv", "extra");
  await ended(late.batchId);
  await waitFor(async () => (await messagesOf(store.batchId)).length === 2);
});

test("a run that lacks a table is reported once its settle time is over, naming what is missing", async () => {
  await work({});
  const dated = await live(
    database,
    buildProfile({
      client: `settle${projectNumber}`,
      run: { group: "date", expect: ["store", "sales"], settleSeconds: 1 },
      tables: [buildTable({ name: "store" }), buildTable({ name: "sales" })],
    }),
  );
  const { batchId } = await receive({ database, publisher }, dated, { fileName: "s.tsv", table: "store", runKey: "d" });
  await ended(batchId);
  const [report] = await waitFor(async () => {
    await reconcile({ database, publisher, logger });
    const messages = await messagesOf(batchId);
    return messages.length > 0 ? messages : undefined;
  });
  expect(report!.payload).toMatchObject({ missing: ["sales"] });
});

test("giants of many clients leave room for small files, and what one process has no room for another one takes", async () => {
  const clients = await Promise.all(
    [1, 2, 3].map((n) => live(database, buildProfile({ client: `giant${projectNumber}_${n}` }))),
  );
  for (const client of clients) {
    for (const fileName of ["a.csv", "b.csv"]) await receive({ database, publisher }, client, { fileName });
  }
  await database.query
    .updateTable("steps")
    .set({ lane: "giant" })
    .where(
      "client_id",
      "in",
      clients.map(({ clientId }) => clientId),
    )
    .execute();
  const open = Promise.withResolvers<void>();
  const begun = { first: 0, second: 0 };
  const stageOf =
    (process: keyof typeof begun): Stage =>
    async ({ step }) => {
      if (step.lane === "small") return advance();
      begun[process] += 1;
      await open.promise;
      return advance();
    };
  await work({ validate: stageOf("first") });
  await waitFor(async () => begun.first === 2);
  const { batchId } = await receive({ database, publisher }, project, { fileName: "small.csv" });
  await ended(batchId);
  await work({ validate: stageOf("second") });
  await waitFor(async () => begun.second === 2);
  const { rows } = await database.pool.query(
    "SELECT state, count(*)::int AS n FROM steps WHERE lane = 'giant' AND kind = 'validate' GROUP BY state ORDER BY state",
  );
  expect(rows).toEqual([
    { state: "ready", n: 2 },
    { state: "running", n: 4 },
  ]);
  expect(begun).toEqual({ first: 2, second: 2 });
  open.resolve();
  await waitFor(async () => begun.first + begun.second === 6);
});

test("a giant whose claim was beside a slow one is looked at again, not dropped", async () => {
  const clients = await Promise.all(
    [1, 2].map((n) => live(database, buildProfile({ client: `slow${projectNumber}_${n}` }))),
  );
  const ids: number[] = [];
  for (const client of clients) {
    ids.push((await receive({ database, publisher }, client, { fileName: "a.csv" })).batchId);
  }
  await database.query.updateTable("steps").set({ lane: "giant" }).where("batch_id", "in", ids).execute();
  const begun: number[] = [];
  const holders = await Promise.all(ids.map(() => database.pool.connect()));
  try {
    for (const [place, holder] of holders.entries()) {
      await holder.query("BEGIN");
      await holder.query("SELECT FROM steps WHERE batch_id = $1 FOR UPDATE", [ids[place]]);
    }
    const blocked = async (many: number) => {
      const { rows } = await database.pool.query(
        "SELECT FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%WITH due AS%'",
      );
      return rows.length === many;
    };
    // The one job has gone into a claim, which takes all room with it, before the other one comes.
    const other = (await step(ids[1]!, "validate"))!;
    const redis = new Redis(stack.redisUrl);
    await redis.flushall();
    await redis.quit();
    const first = (await step(ids[0]!, "validate"))!;
    await work({
      validate: async ({ step: { batchId } }) => {
        begun.push(batchId);
        return advance();
      },
    });
    await publisher.steps([{ stepId: first.id, epoch: 1, kind: "validate" }]);
    await waitFor(() => blocked(1));
    await publisher.steps([{ stepId: other.id, epoch: 1, kind: "validate" }]);
    await waitFor(() => blocked(2));
    await holders[0]!.query("COMMIT");
    await waitFor(async () => begun.length === 1);
    await holders[1]!.query("COMMIT");
    await waitFor(async () => begun.length === 2);
  } finally {
    for (const holder of holders) holder.release(true);
  }
  await Promise.all(ids.map(ended));
});
