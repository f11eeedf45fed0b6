import { mkdtemp, rm } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { createTransport } from "nodemailer";
import { afterEach, beforeEach, expect, it } from "vitest";
import { choosePort } from "../ports.ts";
import { Behaviour } from "./behaviour.ts";
import { openMailStore } from "./mail-store.ts";
import { openSmtp } from "./smtp.ts";
import { openWeb } from "./web.ts";

let folder: string;
let base: string;
let smtpPort: number;
let close: () => Promise<void>;

async function open(): Promise<void> {
  const behaviour = new Behaviour();
  const store = await openMailStore(folder);
  smtpPort = await choosePort();
  const smtp = await openSmtp(smtpPort, store, behaviour);
  const webPort = await choosePort();
  const web = await openWeb(webPort, store, behaviour);
  base = `http://127.0.0.1:${webPort}`;
  close = async () => {
    web.closeAllConnections();
    await new Promise((resolve) => web.close(resolve));
    await new Promise<void>((resolve) => smtp.close(resolve));
  };
}

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "mailbox "));
  await open();
});
afterEach(async () => {
  await close();
  await rm(folder, { recursive: true });
});

const mail = {
  from: "Inlet <inlet@example.org>",
  to: "ops@example.org",
  bcc: "audit@example.org",
  subject: "Import of Größe",
  text: "all rows imported",
  html: '<p onclick="alert(1)">all rows <b>imported</b></p><script>alert(2)</script>',
  attachments: [{ filename: "errors ü.csv", content: "line;reason\n" }],
  messageId: "<run-7@example.org>",
};
const send = (overrides = {}) =>
  createTransport({ host: "127.0.0.1", port: smtpPort }).sendMail({ ...mail, ...overrides });
// biome-ignore lint/suspicious/noExplicitAny: the answers' shapes are what the tests are about
const get = async (place: string): Promise<any> => (await fetch(base + place)).json();
const setRules = (rules: object[]) => fetch(`${base}/api/behaviour`, { method: "PUT", body: JSON.stringify(rules) });

it("a mail can be listed, searched and read, with its blind copies and its attachment", async () => {
  await send();
  await send({ to: "other@example.org", subject: "Something else", messageId: "<other@example.org>" });
  const [found, ...rest] = await get(`/api/messages?to=ops@&subject=${encodeURIComponent("größe")}`);
  expect(rest).toEqual([]);
  expect(found).toMatchObject({
    subject: "Import of Größe",
    to: "ops@example.org",
    messageId: "<run-7@example.org>",
    envelope: { from: "inlet@example.org", to: ["ops@example.org", "audit@example.org"] },
    attachmentCount: 1,
  });
  const read = await get(`/api/messages/${found.id}`);
  expect(read.text.trim()).toBe("all rows imported");
  expect(read.attachments).toEqual([{ filename: "errors ü.csv", contentType: "text/csv", sizeBytes: 12 }]);
  const attachment = await fetch(`${base}/api/messages/${found.id}/attachments/0`);
  expect(await attachment.text()).toBe("line;reason\n");
  expect(attachment.headers.get("content-disposition")).toBe("attachment; filename*=UTF-8''errors%20%C3%BC.csv");
  expect(await (await fetch(`${base}/api/messages/${found.id}/raw`)).text()).toContain(
    "Message-ID: <run-7@example.org>",
  );
});

it("a mail's page may neither run scripts nor load from the network", async () => {
  await send();
  const [{ id }] = await get("/api/messages");
  const page = await fetch(`${base}/api/messages/${id}/html`);
  const policy = page.headers.get("content-security-policy") ?? "";
  expect(policy).toContain("sandbox allow-popups allow-popups-to-escape-sandbox;");
  expect(policy).toContain("default-src 'none'");
  expect(policy).not.toContain("allow-scripts");
  expect(policy).not.toContain("http");
});

it("mails are kept over a restart, the newest first", async () => {
  await send({ subject: "first" });
  await send({ subject: "second" });
  await close();
  await open();
  expect((await get("/api/messages")).map(({ subject }: { subject: string }) => subject)).toEqual(["second", "first"]);
});

it("a recipient can be refused for good, and another is not", async () => {
  await setRules([{ stage: "recipient", recipient: "ops@", code: 550, message: "no such mailbox" }]);
  await expect(send({ bcc: undefined })).rejects.toMatchObject({ responseCode: 550 });
  await send({ to: "other@example.org" });
  expect(await get("/api/messages")).toHaveLength(1);
});

it("a refusal after the mail was stored makes the sender repeat it", async () => {
  await setRules([{ stage: "stored", code: 451, times: 1 }]);
  await expect(send()).rejects.toMatchObject({ responseCode: 451 });
  await send();
  const ids = (await get("/api/messages")).map(({ messageId }: { messageId: string }) => messageId);
  expect(ids).toEqual(["<run-7@example.org>", "<run-7@example.org>"]);
});

it("a rule that is none is named", async () => {
  const answer = await setRules([{ stage: "connect" }, { stage: "tuesday" }]);
  expect([answer.status, await answer.text()]).toEqual([
    400,
    "rules[1]: stage is none of connect, recipient, data, stored",
  ]);
});

it("other sites can neither read nor delete mails", async () => {
  await send();
  const fromElsewhere = await fetch(`${base}/api/messages`, {
    method: "DELETE",
    headers: { origin: "https://example.com" },
  });
  expect(fromElsewhere.status).toBe(403);
  expect(await get("/api/messages")).toHaveLength(1);
  expect((await fetch(`${base}/api/messages`, { method: "DELETE" })).status).toBe(200);
  expect(await get("/api/messages")).toEqual([]);
});
