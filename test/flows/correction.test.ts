import { createHash } from "node:crypto";
import { mkdir, readFile, rename, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { crc32 } from "node:zlib";
import type { Mapping, ProfileInput } from "@inlet/contracts";
import { claimCorrection, findBatchDetail, findOvertaking, insertUpload, transaction } from "@inlet/database";
import { openPublisher, retryBatch } from "@inlet/pipeline";
import { createLogger } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import {
  batchesOf,
  endedBatch,
  filesIn,
  type Hub,
  type HubClient,
  mailsAbout,
  openClient,
  openHub,
  readMail,
  upload,
  waitFor,
} from "../fixtures/hub.ts";
import { buildProfile, buildTable } from "../fixtures/profile.ts";

/** The error file, mended and sent back: what a client does with it, on real servers. */

let hub: Hub;
let number = 0;

beforeAll(async () => {
  hub = await openHub({
    services: ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier", "notifier"],
  });
});
afterAll(() => hub?.stop());

const FAULTY = "id;name;amount\r\n1;Ada;1.50\r\nx2;Bob;2.00\r\n3;Cy;-\r\n4;Dee;4.00\r\n";
const SKIP = { policy: "skip" } as const;

async function connect(table: Partial<ProfileInput["tables"][number]>, overrides: Partial<ProfileInput> = {}) {
  number += 1;
  const tables = [buildTable(table)];
  const client = await openClient(
    hub,
    buildProfile({ client: `mend${number}`, title: `Mended no. ${number}.`, tables, ...overrides }),
  );
  const send = (fileName: string, text: string | Buffer) =>
    upload(client, `/spring/Uploads/${fileName}`, Buffer.from(text));
  return {
    client,
    send,
    /** Sends a file and waits for its batch's end. */
    async take(fileName: string, text: string | Buffer) {
      const before = (await batchesOf(hub, client, fileName)).length;
      await send(fileName, text);
      return await waitFor(async () => {
        const batch = (await batchesOf(hub, client, fileName))[before];
        return batch?.ended_at ? batch : undefined;
      }, `the end of ${fileName}`);
    },
    downloads: () => filesIn(client.folder("/spring/Downloads")),
    download: async (name: string) => (await readFile(join(client.folder("/spring/Downloads"), name))).toString(),
  };
}

/** A stored file of a batch, as `inlet download` gets it. */
async function stored(batchId: number, kind: "errors" | "plain") {
  const { blob_key, name } = await hub.database.query
    .selectFrom("artifacts")
    .select(["blob_key", "name"])
    .where("batch_id", "=", batchId)
    .where("kind", "=", kind)
    .executeTakeFirstOrThrow();
  return { name, text: (await readFile(join(hub.stack.dataFolder, "blobs", blob_key))).toString() };
}

async function rowsOf({ client }: HubClient): Promise<string[]> {
  const { rows } = await hub.database.pool.query(
    `SELECT id, name, amount FROM client_${client}.spring__rows ORDER BY id, name`,
  );
  return rows.map((row) => `${row.id} ${row.name} ${row.amount}`);
}

/** What a spreadsheet makes of the error file: other delimiters, no byte-order mark, and the mended cells. */
const mend = (text: string, ...changes: [string, string][]) =>
  changes.reduce(
    (mended, [from, to]) => {
      expect(mended).toContain(from);
      return mended.replace(from, to);
    },
    text.replace("\ufeff", ""),
  );

/** A ZIP of one file, stored as it is (APPNOTE 4.3: local header, central directory, its end). */
function zipOf(fileName: string, text: string): Buffer {
  const name = Buffer.from(fileName);
  const data = Buffer.from(text);
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt32LE(crc32(data), 10);
  facts.writeUInt32LE(data.length, 14);
  facts.writeUInt32LE(data.length, 18);
  facts.writeUInt16LE(name.length, 22);
  const local = Buffer.concat([Buffer.from("PK\x03\x04"), facts, name, data]);
  const central = Buffer.concat([Buffer.from("PK\x01\x02\x14\0"), facts, Buffer.alloc(14), name]);
  const end = Buffer.alloc(18);
  end.writeUInt16LE(1, 4);
  end.writeUInt16LE(1, 6);
  end.writeUInt32LE(central.length, 8);
  end.writeUInt32LE(local.length, 12);
  return Buffer.concat([local, central, Buffer.from("PK\x05\x06"), end]);
}

const WHOLE = ["1 Ada 1.50", "2 Bob 2.00", "3 Cy 3.00", "4 Dee 4.00"];
const MENDS: [string, string][] = [
  ["x2;Bob", "2;Bob"],
  ["3;Cy;'-", "3;Cy;3.00"],
];

test("a rejected file of a replace table: its error file, mended, brings all of its rows, under its own name", async () => {
  const { client, take, download } = await connect({ mode: "replace", files: ["{table}-{date}.{ext}"] });
  const rejected = await take("rows-2026-11-20.csv", FAULTY);
  expect(rejected).toMatchObject({ status: "rejected", records: 4, rejected: 2 });
  const errors = await stored(rejected.id, "errors");
  expect(errors.name).toBe("rows-2026-11-20.errors.csv");

  const corrected = await take("rows-2026-11-20.errors (1).csv", mend(errors.text, ...MENDS));
  expect(corrected).toMatchObject({
    ...{ status: "completed", reason_message: null, table_name: "rows", corrects: rejected.id, original: rejected.id },
    ...{ records: 4, valid: 4, rejected: 0, imported: 4, links: 4 },
  });
  expect((await stored(corrected.id, "plain")).text).toBe(FAULTY.replace("x2", "2").replace("-\r", "3.00\r"));
  expect(await rowsOf(client)).toEqual(WHOLE);
  expect(await download("PURL_rows-2026-11-20.csv")).toMatch(
    /^id;name;amount;thumbnail_1;landingPage\r\n1;Ada;1\.50;http/,
  );

  const detail = (batchId: number) => findBatchDetail(hub.database, { batchId, scope: null });
  expect(await detail(rejected.id)).toMatchObject({ corrects: null, correctedBy: [corrected.id] });
  expect(await detail(corrected.id)).toMatchObject({ corrects: rejected.id, correctedBy: [] });

  const [mail] = await waitFor(async () => {
    const mails = await mailsAbout(hub, client.profile.title!);
    return mails.length === 2 ? mails.filter(({ subject }) => subject.includes("FAILED")) : undefined;
  }, "two e-mails");
  expect((await readMail(hub, mail!.id)).text).toMatch(/error file/);
});

test("a partial file of a replace table keeps its good rows beside the mended ones; a row left out stays as it was", async () => {
  const { client, take } = await connect({ mode: "replace", invalid: SKIP });
  const partial = await take("a.csv", FAULTY);
  expect(partial).toMatchObject({ status: "partial", imported: 2 });
  const { text } = await stored(partial.id, "errors");
  const lines = text.split("\r\n");
  const first = await take("a.errors.csv", mend([lines[0], lines[1], ""].join("\r\n"), ["x2;Bob", "2;Bob"]));
  expect(first).toMatchObject({ status: "partial", records: 4, rejected: 1, imported: 3 });
  expect(await rowsOf(client)).toEqual(WHOLE.filter((row) => !row.startsWith("3")));

  // Its own error file goes on from there, under the same name again.
  const rest = await stored(first.id, "errors");
  expect(rest.name).toBe("a.errors.csv");
  const second = await take("a.errors.csv", mend(rest.text, ["3;Cy;'-", "3;Cy;3.00"]));
  expect(second).toMatchObject({ status: "completed", corrects: first.id, original: partial.id, imported: 4 });
  expect(await rowsOf(client)).toEqual(WHOLE);
});

test("a partial file of an append table gets its mended rows alone; nothing comes twice", async () => {
  const columns = [
    { name: "id", type: "integer" as const, unique: true },
    { name: "name" },
    { name: "amount", type: "decimal" as const },
  ];
  const { client, take, download, downloads } = await connect({ mode: "append", invalid: SKIP, columns });
  const partial = await take("a.csv", `${FAULTY}1;Eve;5.00\r\n`);
  expect(partial).toMatchObject({ status: "partial", rejected: 3, imported: 2 });
  const { text } = await stored(partial.id, "errors");
  // The row that doubles a key of a row that is in the table already is still wrong, although it was not touched.
  const first = await take("a.errors.csv", mend(text, ["x2;Bob", "2;Bob"]));
  expect(first).toMatchObject({ status: "partial", records: 3, valid: 1, rejected: 2, imported: 1, links: 1 });
  const result = Object.keys(await downloads()).find((name) => name.includes(`batch ${first.id}`));
  expect((await download(result!)).split("\r\n")).toMatchObject(
    [/^id;/, /^2;Bob/, ""].map((line) => expect.stringMatching(line)),
  );

  const again = await take("a.errors.csv", mend(text, ["x2;Bob", "2;Bob"], ["3;Cy;'-", "3;Cy;3.00"]));
  expect(again).toMatchObject({ status: "rejected", reason_code: "correction_repeated", imported: null });
  expect(again.reason_message).toContain(`batch ${first.id}`);

  const rest = await stored(first.id, "errors");
  const clash = await take("a.errors.csv", mend(rest.text, ["3;Cy;'-", "4;Cy;3.00"]));
  expect(clash).toMatchObject({ status: "rejected", reason_code: "correction_conflicts", imported: null });
  const second = await take("a.errors.csv", mend(rest.text, ["3;Cy;'-", "3;Cy;3.00"], ["1;Eve", "5;Eve"]));
  expect(second).toMatchObject({ status: "completed", records: 2, valid: 2, rejected: 0, imported: 2, links: 2 });
  expect(await rowsOf(client)).toEqual([...WHOLE, "5 Eve 5.00"]);
});

test("an order of which one line was wrong comes whole into an append table when that line is mended", async () => {
  const { client, take } = await connect({ mode: "append", invalid: { policy: "group", by: "name" } });
  const lines = ["id,name,amount", "1,Ada,1", "2,Bob,2", "3,Bob,-", "4,Bob,4", ""];
  const partial = await take("a.csv", lines.join("\n"));
  expect(partial).toMatchObject({ status: "partial", valid: 1, rejected: 3 });
  const rows = (await stored(partial.id, "errors")).text.split("\r\n");
  // The lines that were only left out with it are deleted from the sheet.
  const sheet = mend([rows[0], rows[2], ""].join("\r\n"), ["3,Bob,'-", "3,Bob,3"]);
  expect(await take("a.errors.csv", sheet)).toMatchObject({ status: "completed", records: 3, valid: 3, imported: 3 });
  expect(await rowsOf(client)).toEqual(["1 Ada 1.00", "2 Bob 2.00", "3 Bob 3.00", "4 Bob 4.00"]);
});

test("into an upsert table the whole file goes again, and its rows stay one each", async () => {
  const { client, take } = await connect({ mode: "upsert", key: ["id"], invalid: SKIP });
  const partial = await take("a.csv", FAULTY);
  const corrected = await take("a.errors.csv", mend((await stored(partial.id, "errors")).text, ...MENDS));
  expect(corrected).toMatchObject({ status: "completed", records: 4, imported: 4 });
  expect(await rowsOf(client)).toEqual(WHOLE);
});

test("a correction comes as a ZIP, or under any name, and is still known by its columns", async () => {
  const { client, take } = await connect({ mode: "replace" });
  const rejected = await take("a.csv", FAULTY);
  const { text } = await stored(rejected.id, "errors");
  const first = await take("a.errors.zip", zipOf("a.errors.csv", mend(text, ["x2;Bob", "2;Bob"])));
  expect(first).toMatchObject({ status: "rejected", reason_code: "rows_invalid", records: 4, rejected: 1 });
  const second = await take("mended.csv", mend((await stored(first.id, "errors")).text, ["3;Cy;'-", "3;Cy;3.00"]));
  expect(second).toMatchObject({ status: "completed", corrects: first.id, original: rejected.id, imported: 4 });
  expect(await rowsOf(client)).toEqual(WHOLE);
});

test("what is no correction that can be taken is refused with its reason, and the table stays", async () => {
  const mine = await connect({ mode: "replace", invalid: SKIP });
  const theirs = await connect({ mode: "replace", invalid: SKIP });
  const partial = await mine.take("a.csv", FAULTY);
  const foreign = await theirs.take("a.csv", FAULTY);
  const { text } = await stored(partial.id, "errors");
  const before = await rowsOf(mine.client);
  const refused = async (bytes: string | Buffer, code: string, words: RegExp, name = "a.errors.csv") => {
    const batch = await mine.take(name, bytes);
    expect(batch).toMatchObject({ status: "rejected", reason_code: code, imported: null });
    expect(batch.reason_message).toMatch(words);
    expect(await rowsOf(mine.client)).toEqual(before);
    return batch;
  };
  const strange = (await stored(foreign.id, "errors")).text;
  await refused(mend(strange, ...MENDS), "correction_unknown", /none of project/);
  // Another client's batch is not known here, whatever the seal says; one's own is not known by a wrong seal.
  const forged = strange.replaceAll(`B${foreign.id}-`, `B${partial.id}-`);
  await refused(mend(forged, ...MENDS), "correction_invalid", /error_ref is not what it was/);
  await refused(text, "correction_unchanged", /no cell of it was changed/);
  await refused(mend(text, [`B${partial.id}-R2-`, `B${partial.id}-R3-`]), "correction_invalid", /error_ref/);
  await refused("id;name;amount\r\n2;Bob;2.00\r\n", "correction_mark_missing", /error_ref is missing/);
  await refused(mend(text, ["id;name;", "id;nom;"]), "correction_columns_missing", /name/);
  const unreadable = await refused("no;such;columns\r\n1;2;3\r\n", "header_not_found", /column/, "b.csv");
  const whole = (await stored(unreadable.id, "errors")).text;
  await refused(whole, "correction_not_possible", /Mend the file itself/, "b.errors.csv");
  const invalid = await refused(`${mend(text, ...MENDS)}7;New;7.00\r\n`, "correction_invalid", /line 4/);
  const issues = await hub.database.query.selectFrom("issues").selectAll().where("batch_id", "=", invalid.id).execute();
  expect(issues).toMatchObject([{ code: "correction_ref_missing", line: 4, column_name: "error_ref" }]);

  // Files are not kept for ever.
  const { blob_key } = await hub.database.query
    .selectFrom("artifacts")
    .select("blob_key")
    .where("batch_id", "=", partial.id)
    .where("kind", "=", "plain")
    .executeTakeFirstOrThrow();
  const kept = join(hub.stack.dataFolder, "blobs", blob_key);
  await rename(kept, `${kept}.gone`);
  await refused(mend(text, ...MENDS), "correction_too_late", /not kept any more/);
  await rename(`${kept}.gone`, kept);
  expect(await mine.take("a.errors.csv", mend(text, ...MENDS))).toMatchObject({ status: "completed", imported: 4 });
});

test("a correction of Monday's file does not put its rows over Tuesday's, unless it is forced", async () => {
  const { client, take } = await connect({ mode: "replace", invalid: SKIP });
  const monday = await take("mon.csv", FAULTY);
  expect(await take("tue.csv", "id,name,amount\n9,Tue,9\n")).toMatchObject({ status: "completed" });
  const corrected = await take("mon.errors.csv", mend((await stored(monday.id, "errors")).text, ...MENDS));
  expect(corrected).toMatchObject({ status: "superseded", reason_code: "superseded", imported: null });
  expect(await rowsOf(client)).toEqual(["9 Tue 9.00"]);
  const publisher = openPublisher(hub.stack.redisUrl, createLogger("test", "fatal"));
  await retryBatch(hub.database, publisher, {
    batchId: corrected.id,
    actor: "operator",
    force: true,
    reason: "asked for",
  });
  await publisher.close();
  expect(await endedBatch(hub, client, "mon.errors.csv")).toMatchObject({ status: "completed", imported: 4 });
  expect(await rowsOf(client)).toEqual(WHOLE);
  // Forced or not, it stays Monday's: Tuesday's file is not older than it.
  const overtakes = (batchId: number) =>
    findOvertaking(hub.database, { projectId: client.projectId, tableName: "rows", batchId });
  const tuesday = (await batchesOf(hub, client, "tue.csv"))[0]!;
  expect(await overtakes(tuesday.id)).toBeUndefined();
  expect(await overtakes(monday.id)).toMatchObject({ id: tuesday.id });
});

test("the file itself, sent again beside its correction, is taken once", async () => {
  const { client, take } = await connect({ mode: "append" });
  const rejected = await take("a.csv", FAULTY);
  const mended = mend((await stored(rejected.id, "errors")).text, ...MENDS);
  expect(await take("a.errors.csv", mended)).toMatchObject({ status: "completed", imported: 4 });
  const whole = FAULTY.replace("x2", "2").replace("-\r", "3.00\r");
  expect(await take("a.csv", whole)).toMatchObject({ status: "duplicate" });
  const other = await take("b.csv", FAULTY);
  expect(await take("b.csv", whole)).toMatchObject({ status: "completed", imported: 4 });
  const late = await take("b.errors.csv", mend((await stored(other.id, "errors")).text, ...MENDS));
  expect(late).toMatchObject({ status: "rejected", reason_code: "correction_repeated" });
  expect(await rowsOf(client)).toHaveLength(8);
});

test("of two corrections that come at once one is taken", async () => {
  const { client, send, take } = await connect({ mode: "append" });
  const rejected = await take("a.csv", FAULTY);
  const mended = mend((await stored(rejected.id, "errors")).text, ...MENDS);
  const names = ["a.errors.csv", "a.errors (1).csv", "a.errors (2).csv"];
  await Promise.all(names.map((name) => send(name, mended)));
  const ended = await Promise.all(names.map((name) => endedBatch(hub, client, name)));
  expect(ended.map(({ status }) => status).sort()).toEqual(["completed", "rejected", "rejected"]);
  const taken = ended.find(({ status }) => status === "completed")!;
  expect(await rowsOf(client)).toEqual(WHOLE);
  const again = { batchId: taken.id, corrects: rejected.id, byName: true };
  expect(await transaction(hub.database, (tx) => claimCorrection(tx, again))).toEqual({ claimed: true });
});

test("a correction waits for the end of the batch that it corrects", async () => {
  const { client, send, take } = await connect({ mode: "append", invalid: SKIP });
  const partial = await take("a.csv", FAULTY);
  const setStatus = (status: "running" | "partial") =>
    hub.database.query.updateTable("batches").set({ status }).where("id", "=", partial.id).execute();
  await setStatus("running");
  await send("a.errors.csv", mend((await stored(partial.id, "errors")).text, ...MENDS));
  await waitFor(async () => {
    const [batch] = await batchesOf(hub, client, "a.errors.csv");
    const steps = await hub.database.query
      .selectFrom("steps")
      .select("error")
      .where("batch_id", "=", batch?.id ?? 0)
      .execute();
    return steps.some(({ error }) => error?.code === "correction_early");
  }, "the first attempt");
  await setStatus("partial");
  expect(await endedBatch(hub, client, "a.errors.csv")).toMatchObject({ status: "completed", records: 2, imported: 2 });
  expect(await rowsOf(client)).toEqual(WHOLE);
});

test("a correction that would make other records of its neighbours is refused", async () => {
  const { take } = await connect({ mode: "replace" });
  const rejected = await take("a.csv", 'id;name;amount\n1;"open;1\nx;Bob;2\n3;Cy;3\n');
  expect(rejected).toMatchObject({ records: 3, rejected: 2 });
  const { text } = await stored(rejected.id, "errors");
  const corrected = await take("a.errors.csv", mend(text, ["x;Bob", '2;";"']));
  expect(corrected).toMatchObject({ status: "rejected", reason_code: "correction_shifted", imported: null });
  const both = mend(text, ["x;Bob", '2;";"'], ['"1;""open;1"', '"1;open;1"']);
  expect(await take("a.errors.csv", both)).toMatchObject({ status: "completed", records: 3, imported: 3 });
});

/** Puts a file in as the API does, with columns that its sender chose. */
async function uploadMapped({ projectId }: HubClient, fileName: string, text: string, mapping: Mapping) {
  const bytes = Buffer.from(text);
  const location = `uploads/${projectId}-${fileName}`;
  await mkdir(join(hub.stack.dataFolder, "uploads"), { recursive: true });
  await writeFile(join(hub.stack.dataFolder, location), bytes);
  const sha256 = createHash("sha256").update(bytes).digest();
  const upload = { projectId, fileName, sizeBytes: bytes.length, location, sha256, declaredRecords: null, mapping };
  const arrivalId = await transaction(hub.database, (tx) => insertUpload(tx, upload));
  const publisher = openPublisher(hub.stack.redisUrl, createLogger("test", "fatal"));
  await publisher.arrivals([arrivalId]);
  await publisher.close();
}

test("columns that were chosen by hand hold for the file, its links and its corrections", async () => {
  const { client, take, download } = await connect({ mode: "replace", invalid: SKIP });
  const mapping: Mapping = {
    columns: [
      { index: 0, label: "Nr", column: "id" },
      { index: 1, label: "Wer", column: "name" },
      { index: 2, label: "name", column: null },
    ],
  };
  const file = "Nr;Wer;name;amount\n1;Ada;x;1.50\nx2;Bob;y;2.00\n3;Cy;z;3.00\n4;Dee;;4.00\n";
  await uploadMapped(client, "a.csv", file, mapping);
  const partial = await endedBatch(hub, client, "a.csv");
  expect(partial).toMatchObject({ reason_message: null, status: "partial", mapping, records: 4, imported: 3 });
  expect(await rowsOf(client)).toEqual(WHOLE.filter((row) => !row.startsWith("2")));
  expect(await download("PURL_a.csv")).toMatch(/^Nr;Wer;name;amount;thumbnail_1;landingPage\n1;Ada;x;1\.50;http/);

  const { text } = await stored(partial.id, "errors");
  const corrected = await take("a.errors.csv", mend(text, ["x2;Bob", "2;Bob"]));
  expect(corrected).toMatchObject({
    status: "completed",
    corrects: partial.id,
    records: 4,
    imported: 4,
    mapping: null,
  });
  expect((await stored(corrected.id, "plain")).text).toBe(file.replace("x2", "2"));
  expect(await rowsOf(client)).toEqual(WHOLE);

  await uploadMapped(client, "b.csv", file.replace("Wer", "Wem"), mapping);
  const other = await endedBatch(hub, client, "b.csv");
  expect(other).toMatchObject({ status: "rejected", reason_code: "mapping_differs", imported: null });
  expect(other.reason_message).toContain("column 2 should be `Wer`, but it is `Wem` there");
});
