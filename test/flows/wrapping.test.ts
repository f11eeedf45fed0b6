import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import type { BatchDetail, ProfileInput } from "@inlet/contracts";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
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
import { type Archivers, openArchivers } from "../interop/archives.ts";
import { type GnuPg, type GnuPgKey, openGnuPg } from "../interop/gnupg.ts";

/** Files that come encrypted or in a ZIP, and go back so: by SFTP, made and opened by the client's own programs. */

/** ASCII: 7z takes no other for a ZIP. */
const PASSWORD = "Spring 2026, the whole of it!";
const ROWS = 'id;name;amount\r\n1;"M\u00fcller; Ada";1.50\r\n2;Bob;2.00\r\n';
const LINKED =
  /^id;name;amount;thumbnail_1;landingPage\r\n1;"M\u00fcller; Ada";1\.50;http\S+\/t\/\S+\.png;http\S+\/p\/\S+\r\n2;Bob;2\.00;http\S+;http\S+\r\n$/;

let hub: Hub;
let api: ApiClient;
let gpg: GnuPg;
let key: GnuPgKey;
let stranger: GnuPgKey;
let archivers: Archivers;
let number = 0;

beforeAll(async () => {
  hub = await openHub({
    services: ["sftp-gateway", "watcher", "validator", "purl-generator", "importer", "courier", "notifier", "api"],
  });
  const adminKey = await waitFor(
    () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
    "the first admin key",
  );
  api = openApi({ url: hub.stack.apiUrl, key: adminKey.trim() });
  gpg = await openGnuPg();
  key = await gpg.makeKey({ name: "client", algorithm: "rsa3072" });
  stranger = await gpg.makeKey({ name: "stranger", algorithm: "ed25519" });
  archivers = await openArchivers();
});
afterAll(async () => {
  await archivers?.close();
  await gpg?.close();
  await hub?.stop();
});
beforeEach(() => {
  number += 1;
});

const STRICT = { pgp: "require", signature: "require" } as const;
const BACK = { to: "downloads", errors: true, flag: true, wrap: { as: "pgp" } } as const;
const PASSWORD_ZIP = { zip: { password: "zip_password", encryption: "require" } } as const;

async function connect(overrides: Partial<ProfileInput> = {}) {
  const name = `wrap${number}`;
  const client = await openClient(
    hub,
    buildProfile({
      client: name,
      title: `Wrapped no. ${number}.`,
      tables: [buildTable({ files: ["*.csv"] })],
      ...overrides,
    }),
  );
  await api.storeSecret(name, "zip_password", PASSWORD);
  return client;
}

/** The project's own key, known to the client's gpg, and the client's, known to the project. */
async function exchangeKeys(client: HubClient): Promise<string> {
  const { fingerprint } = await api.generatePgpKey(client.client, "spring");
  const { publicKey } = await api.publicPgpKey(client.client, "spring", fingerprint);
  await gpg.importKey(publicKey);
  await api.importPgpKey(client.client, "spring", { owner: "theirs", key: key.publicKey });
  return fingerprint;
}

const send = (client: HubClient, fileName: string, bytes: Buffer) =>
  upload(client, `/spring/Uploads/${fileName}`, bytes);

async function encrypt(
  text: string | Buffer,
  to: string,
  { by = key.fingerprint, args = [] as string[], name = "rows.csv" } = {},
) {
  const sign = by === "" ? [] : ["--sign", "--local-user", by];
  return (await gpg.run([...sign, ...args, "--set-filename", name, "--encrypt", "--recipient", to], text)).output;
}

/** Sends a file, and the batch as the API shows it once it has ended. */
async function take(client: HubClient, fileName: string, bytes: Buffer): Promise<BatchDetail> {
  const before = (await batchesOf(hub, client, fileName)).length;
  await send(client, fileName, bytes);
  const batch = await waitFor(async () => {
    const found = (await batchesOf(hub, client, fileName))[before];
    return found?.ended_at ? found : undefined;
  }, `the end of ${fileName}`);
  return await api.batch(batch.id);
}

const downloads = async (client: HubClient) => Object.keys(await filesIn(client.folder("/spring/Downloads"))).sort();
const download = (client: HubClient, name: string) => readFile(join(client.folder("/spring/Downloads"), name));

/** What gpg makes of a file that came back: its text, and by whose key it is signed. */
async function decrypt(bytes: Buffer): Promise<{ text: string; signedBy: string | undefined }> {
  const { output, status } = await gpg.run(["--decrypt"], bytes);
  return { text: output.toString(), signedBy: /VALIDSIG \S+ .* ([0-9A-F]{40})$/m.exec(status)?.[1] };
}

async function rowsOf({ client }: HubClient, table = "rows"): Promise<unknown[]> {
  const { rows } = await hub.database.pool.query(`SELECT id, name FROM client_${client}.spring__${table} ORDER BY id`);
  return rows.map(({ id, name }) => `${id} ${name}`);
}

test("data_file.pgp, encrypted and signed by gpg, comes back as PURL_data_file.gpg, encrypted and signed, and its flag after it", async () => {
  const client = await connect({ incoming: STRICT, delivery: BACK });
  const ours = await exchangeKeys(client);
  const batch = await take(client, "data_file.pgp", await encrypt(ROWS, ours));
  expect(batch).toMatchObject({ status: "completed", table: "rows", counts: { imported: 2, links: 2 } });
  expect(await downloads(client)).toEqual(["PURL_data_file.gpg", "PURL_data_file.gpg.flg"]);
  const { text, signedBy } = await decrypt(await download(client, "PURL_data_file.gpg"));
  expect(text).toMatch(LINKED);
  expect(signedBy).toBe(ours);
});

test("armoured in and armoured back, with a ZIP inside", async () => {
  const client = await connect({
    incoming: { ...STRICT, ...PASSWORD_ZIP },
    delivery: { ...BACK, wrap: { as: "pgp", armor: true } },
  });
  const ours = await exchangeKeys(client);
  await archivers.write("data.csv", ROWS);
  await archivers.run("7z", ["a", "-tzip", "-mem=AES256", `-p${PASSWORD}`, "inside.zip", "data.csv"]);
  const sent = await encrypt(await archivers.read("inside.zip"), ours, { args: ["--armor"] });
  const batch = await take(client, "data.csv.zip.asc", sent);
  expect(batch.reason).toBeNull();
  expect(await downloads(client)).toEqual(["PURL_data.csv.asc", "PURL_data.csv.asc.flg"]);
  const back = await download(client, "PURL_data.csv.asc");
  expect(back.toString()).toMatch(/^-----BEGIN PGP MESSAGE-----/);
  expect((await decrypt(back)).text).toMatch(LINKED);
});

test("an error file comes back encrypted, is mended, and is taken encrypted", async () => {
  const client = await connect({
    ...{ incoming: STRICT, delivery: BACK },
    tables: [buildTable({ files: ["*.csv"], invalid: { policy: "skip" } })],
  });
  const ours = await exchangeKeys(client);
  const batch = await take(client, "a.csv.gpg", await encrypt(`${ROWS}x3;Cy;3.00\r\n`, ours));
  expect(batch).toMatchObject({ status: "partial", counts: { rejected: 1, imported: 2 } });
  expect(await downloads(client)).toEqual(["PURL_a.csv.gpg", "PURL_a.csv.gpg.flg", "a.errors.csv.gpg"]);
  const { text, signedBy } = await decrypt(await download(client, "a.errors.csv.gpg"));
  expect(signedBy).toBe(ours);
  const mended = text.replace("x3;Cy", "3;Cy");
  expect(mended).not.toBe(text);
  const correction = await take(client, "a.errors.csv.gpg", await encrypt(mended, ours));
  expect(correction).toMatchObject({ status: "completed", corrects: batch.id, counts: { imported: 1 } });
  expect(await rowsOf(client)).toEqual(["1 M\u00fcller; Ada", "2 Bob", "3 Cy"]);
});

test.each([
  ["AES-256, by 7z both ways", ["-mem=AES256"], "aes256", "7z"],
  ["ZipCrypto, by 7z there and by Info-ZIP back", ["-mem=ZipCrypto"], "zipcrypto", "unzip"],
] as const)("a ZIP with a password: %s", async (_, method, encryption, program) => {
  const wrap = { as: "zip", password: "zip_password", encryption } as const;
  const client = await connect({ incoming: PASSWORD_ZIP, delivery: { ...BACK, wrap } });
  await archivers.write("rows.csv", ROWS);
  const zip = `sent-${encryption}.zip`;
  await archivers.run("7z", ["a", "-tzip", ...method, `-p${PASSWORD}`, zip, "rows.csv"]);
  const batch = await take(client, "spring.csv.zip", await archivers.read(zip));
  expect(batch.reason).toBeNull();
  expect(await downloads(client)).toEqual(["PURL_spring.zip", "PURL_spring.zip.flg"]);
  await archivers.write("back.zip", await download(client, "PURL_spring.zip"));
  const text =
    program === "7z"
      ? await archivers.run("7z", ["x", "-so", `-p${PASSWORD}`, "back.zip", "PURL_spring.csv"])
      : await archivers.run("unzip", ["-p", "-P", PASSWORD, "back.zip", "PURL_spring.csv"]);
  expect(text.toString()).toMatch(LINKED);
});

test("a ZIP of several files: a batch each, one report of all, and the ZIP itself is no failure", async () => {
  const tables = ["store", "style"].map((name) =>
    buildTable({ name, files: ["{table}*.csv"], mode: "replace", key: ["id"] }),
  );
  const client = await connect({ tables, delivery: { to: "downloads", flag: true } });
  await archivers.write("store.csv", ROWS);
  await archivers.write("style.csv", "id;name;amount\r\n7;Zoe;1\r\n");
  await archivers.write("sky.csv", "id\r\n1\r\n");
  await archivers.run("zip", ["several.zip", "store.csv", "style.csv", "sky.csv"]);
  const zip = await archivers.read("several.zip");
  const whole = await take(client, "spring-2026.zip", zip);
  expect(whole).toMatchObject({ status: "unpacked", table: null, reason: { code: "unpacked" }, partOf: null });
  expect(whole.parts).toHaveLength(3);
  const [store, style, sky] = (await Promise.all(
    ["store.csv", "style.csv", "sky.csv"].map(async (name) => api.batch((await endedBatch(hub, client, name)).id)),
  )) as [BatchDetail, BatchDetail, BatchDetail];
  expect([store.id, style.id, sky.id]).toEqual(whole.parts);
  for (const part of [store, style, sky]) expect(part).toMatchObject({ partOf: whole.id, runId: whole.runId });
  expect([store.status, style.status, sky.status]).toEqual(["completed", "completed", "rejected"]);
  expect(sky.reason).toMatchObject({ code: "unknown_file_name" });
  expect(await rowsOf(client, "store")).toEqual(["1 M\u00fcller; Ada", "2 Bob"]);
  expect(await rowsOf(client, "style")).toEqual(["7 Zoe"]);
  expect(await downloads(client)).toEqual([
    ...["PURL_store.csv", "PURL_store.csv.flg", "PURL_style.csv", "PURL_style.csv.flg"],
  ]);

  const [mail, ...others] = await waitFor(async () => {
    const mails = await mailsAbout(hub, client.profile.title!);
    return mails.length > 0 && mails;
  }, "the report");
  expect(others).toEqual([]);
  const { text } = await readMail(hub, mail!.id);
  expect(text).toMatch(/store\.csv/);
  expect(text).toMatch(/sky\.csv/);
  expect(text).not.toMatch(/unpacked/i);

  const again = await take(client, "SPRING-2026.ZIP", zip);
  expect(again).toMatchObject({ status: "duplicate", parts: [] });
});

test.each([
  ["in the clear", /^must be|must be encrypted/, "pgp_missing", async () => Buffer.from(ROWS)],
  ["without a signature", /sign/, "pgp_unsigned", (ours: string) => encrypt(ROWS, ours, { by: "" })],
  [
    "signed by a stranger",
    /sign/,
    "pgp_signer_unknown",
    (ours: string) => encrypt(ROWS, ours, { by: stranger.fingerprint }),
  ],
  ["to another key", /key/, "pgp_other_key", () => encrypt(ROWS, stranger.fingerprint)],
  [
    "changed on its way",
    /changed|damaged/,
    /^pgp_(tampered|damaged)$/,
    async (ours: string) => flipped(await encrypt(ROWS, ours)),
  ],
] as const)("a file %s is refused with its reason, and comes again under its name", async (_, words, code, make) => {
  const client = await connect({ incoming: STRICT, delivery: BACK });
  const ours = await exchangeKeys(client);
  const batch = await take(client, "a.csv.pgp", await make(ours));
  expect(batch).toMatchObject({
    status: "rejected",
    reason: { code: expect.stringMatching(code), message: expect.stringMatching(words) },
    counts: { records: null, imported: null },
  });
  expect(batch.artifacts.map(({ kind }) => kind)).toEqual(["source"]);
  expect(await downloads(client)).toEqual([]);
  expect((await take(client, "a.csv.pgp", await encrypt(ROWS, ours))).status).toBe("completed");
});

test("a ZIP with another password, and one without, are refused with their reasons", async () => {
  const client = await connect({ incoming: PASSWORD_ZIP });
  await archivers.write("rows.csv", ROWS);
  await archivers.run("7z", ["a", "-tzip", "-mem=AES256", "-panother", "wrong.zip", "rows.csv"]);
  expect(await take(client, "a.zip", await archivers.read("wrong.zip"))).toMatchObject({
    ...{ status: "rejected", reason: { code: "zip_password_wrong" } },
  });
  await archivers.run("zip", ["open.zip", "rows.csv"]);
  expect(await take(client, "a.zip", await archivers.read("open.zip"))).toMatchObject({
    ...{ status: "rejected", reason: { code: "zip_encryption_missing" } },
  });
});

test("a key that is missing stops the batch before its import; once it is there, a retry goes on", async () => {
  const client = await connect({ incoming: { pgp: "accept" }, delivery: BACK });
  const failed = await take(client, "a.csv", Buffer.from(ROWS));
  expect(failed).toMatchObject({
    status: "failed",
    reason: { code: "pgp_client_key_missing" },
    counts: { imported: null },
  });
  const ours = await exchangeKeys(client);
  await api.retry(failed.id);
  await waitFor(async () => (await api.batch(failed.id)).status === "completed", "the retry");
  expect((await decrypt(await download(client, "PURL_a.csv.gpg"))).signedBy).toBe(ours);
});

/** With one bit of its ciphertext turned. */
function flipped(message: Buffer): Buffer {
  const changed = Buffer.from(message);
  changed[changed.length - 40]! ^= 1;
  return changed;
}
