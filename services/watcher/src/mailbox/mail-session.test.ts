import { once } from "node:events";
import { type AddressInfo, createServer, type Socket } from "node:net";
import type { Mailbox } from "@inlet/contracts";
import { afterEach, expect, test } from "vitest";
import { openMailSession } from "./mail-session.ts";

let closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing) close();
  closing = [];
});

/** A server that greets, and answers each command with what it is told to. */
async function openServer(answer: (socket: Socket, tag: string) => void): Promise<Mailbox> {
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.write("* OK [CAPABILITY IMAP4rev1 AUTH=PLAIN LOGIN SASL-IR] ready\r\n");
    socket.on("data", (bytes) => answer(socket, bytes.toString().split(" ")[0]!));
    closing.push(() => socket.destroy());
  }).listen(0, "127.0.0.1");
  await once(server, "listening");
  closing.push(() => server.close());
  const { port } = server.address() as AddressInfo;
  const account = {
    username: "files",
    secret: "mailbox",
    folder: "INBOX",
    pollSeconds: 60,
    trustedServer: "mx.example",
  };
  return { host: "mail.example", port, tls: "none", ...account };
}

/** The name stands for where the server is, and nowhere else: there is no such name in DNS. */
const network = { addressesOf: async () => [{ address: "127.0.0.1", family: 4 as const }] };

const open = (mailbox: Mailbox, signal = new AbortController().signal) =>
  openMailSession(mailbox, "secret password", { network, signal });

/** It is never silent, and never done. */
const chatter = (socket: Socket) => {
  const timer = setInterval(() => socket.write("* OK one moment\r\n"), 20);
  closing.push(() => clearInterval(timer));
};

test("a server that chats and lets nobody in is left when we are stopped", async () => {
  const stopping = new AbortController();
  const mailbox = await openServer((socket) => {
    chatter(socket);
    setTimeout(() => stopping.abort(), 50);
  });
  await expect(open(mailbox, stopping.signal)).rejects.toThrow();
}, 10_000);

test("a look that comes to no end is a fault of the server's", async () => {
  const mailbox = await openServer(chatter);
  await expect(open(mailbox, AbortSignal.timeout(100))).rejects.toMatchObject({
    name: "Unavailable",
    code: "mailbox_unreachable",
    message: expect.stringContaining("broken off"),
  });
}, 10_000);

test("of what a server says no more is repeated than one reads, and nothing that steers a terminal", async () => {
  const mailbox = await openServer((socket, tag) =>
    socket.write(`${tag} NO [UNAVAILABLE] \u001b[31mlater ${"x".repeat(5_000)}\r\n`),
  );
  const { message } = await open(mailbox).then(
    () => expect.unreachable(),
    (error: Error) => error,
  );
  expect(message).toContain("later");
  expect(message.length).toBeLessThan(400);
  expect(message).not.toContain("\u001b");
});
