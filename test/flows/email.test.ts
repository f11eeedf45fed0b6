import { randomBytes } from "node:crypto";
import type { ProfileInput } from "@inlet/contracts";
import { ensureClient, putSecret } from "@inlet/database";
import { seal } from "@inlet/runtime";
import { afterAll, beforeAll, expect, test } from "vitest";
import { waitFor } from "../fixtures/hub.ts";
import { type Archivers, openArchivers } from "../interop/archives.ts";
import { MailHub } from "../mail/hub.ts";

/** Files by e-mail, the whole way: a ZIP with a password comes in by SMTP, and its result goes back to its sender. */

const PASSWORD = "Spring 2026, the whole of it!";
const ROWS = 'id;name;amount\r\n1;"Ada";1.50\r\n2;Bob;2.00\r\n';
const LINKED =
  /^id;name;amount;thumbnail_1;landingPage\r\n1;"Ada";1\.50;http\S+;http\S+\r\n2;Bob;2\.00;http\S+;http\S+\r\n$/;

let hub: MailHub;
let archivers: Archivers;
beforeAll(async () => {
  archivers = await openArchivers();
  hub = await MailHub.open({}, [
    "mail-gateway",
    "watcher",
    "validator",
    "purl-generator",
    "importer",
    "courier",
    "notifier",
  ]);
});
afterAll(async () => {
  await hub?.stop();
  await archivers?.close();
});

interface Received {
  id: string;
  subject: string;
  text: string;
  envelope: { to: string[] };
  headers: { name: string; value: string }[];
  attachments: { filename: string; sizeBytes: number }[];
}

/** A client whose result comes back as a ZIP with the password that its file has. */
async function connect(overrides: Partial<ProfileInput> = {}) {
  const client = await hub.client({}, {
    delivery: { to: "downloads", wrap: { as: "zip", password: "zip" } },
    notify: { recipients: [] },
    ...overrides,
  } as Partial<ProfileInput>);
  const clientId = await ensureClient(hub.database, client.name);
  const sealed = seal(Buffer.from(hub.stack.key, "base64"), Buffer.from(PASSWORD), `secret:${clientId}`);
  await putSecret(hub.database, { clientId, name: "zip", sealed });
  return client;
}
type Client = Awaited<ReturnType<typeof connect>>;

/** A ZIP as the client's own program makes it. */
async function zipped(name: string, text: string, password = PASSWORD): Promise<Buffer> {
  const id = randomBytes(4).toString("hex");
  await archivers.write(name, text);
  await archivers.run("7z", ["a", "-tzip", "-mem=AES256", `-p${password}`, `${id}.zip`, name]);
  return await archivers.read(`${id}.zip`);
}

async function mailsTo({ from }: Client): Promise<Received[]> {
  const listed = await fetch(`${hub.stack.mailboxUrl}/api/messages?to=${encodeURIComponent(from)}`);
  const mails = (await listed.json()) as { id: string }[];
  return await Promise.all(
    mails.map(async ({ id }) => (await (await fetch(`${hub.stack.mailboxUrl}/api/messages/${id}`)).json()) as Received),
  );
}

async function answerTo(client: Client): Promise<Received> {
  return await waitFor(async () => (await mailsTo(client))[0], `the answer to ${client.from}`);
}
const header = ({ headers }: Received, name: string) => headers.find((each) => each.name.toLowerCase() === name)?.value;

test("a ZIP with a password comes by e-mail, and its result goes back to its sender, with the same password", async () => {
  const client = await connect();
  const messageId = `<${randomBytes(8).toString("hex")}@mx.client.example>`;
  const content = await zipped("rows.csv", ROWS);
  const sent = { messageId, subject: "Our rows", attachments: [{ filename: "rows.zip", content }] };
  // Twice, as a mail server does that did not hear the answer.
  expect((await client.send(sent)).code).toBe(250);
  expect((await client.send(sent)).code).toBe(250);

  const answer = await answerTo(client);
  expect(answer.envelope.to).toEqual([client.from]);
  expect(answer.subject).toContain("Our rows");
  expect(header(answer, "in-reply-to")).toBe(messageId);
  expect(header(answer, "auto-submitted")).toBe("auto-replied");
  expect(answer.attachments.map(({ filename }) => filename)).toEqual(["PURL_rows.zip"]);
  const attached = await fetch(`${hub.stack.mailboxUrl}/api/messages/${answer.id}/attachments/0`);
  await archivers.write("result.zip", Buffer.from(await attached.arrayBuffer()));
  expect((await archivers.run("7z", ["x", "-so", `-p${PASSWORD}`, "result.zip"])).toString()).toMatch(LINKED);
  await expect(archivers.run("7z", ["x", "-so", "-pwrong", "result.zip"])).rejects.toThrow();

  const { rows } = await hub.database.pool.query(
    "SELECT id, source, status, imported::int FROM batches WHERE project_id = $1",
    [client.projectId],
  );
  expect(rows).toMatchObject([{ source: "email", status: "completed", imported: 2 }]);
  expect(await mailsTo(client)).toHaveLength(1);
});

test("what cannot be opened, or was forgotten, is answered with what to do", async () => {
  const [wrong, none] = [await connect(), await connect()];
  const content = await zipped("rows.csv", ROWS, "another password");
  await wrong.send({ attachments: [{ filename: "rows.zip", content }] });
  await none.send({ subject: "Our rows" });

  const refused = await answerTo(wrong);
  expect(refused.text).toMatch(/password/i);
  expect(refused.attachments).toEqual([]);
  const forgotten = await answerTo(none);
  expect(forgotten.text).toMatch(/no file attached/);
  // Our answer, should it come back, is not answered: no two machines write to each other.
  const back = { from: none.from, subject: forgotten.subject, messageId: header(forgotten, "message-id")! };
  expect((await none.send(back)).code).toBe(550);
});
