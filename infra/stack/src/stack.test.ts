import { existsSync } from "node:fs";
import { connect } from "node:net";
import { createTransport } from "nodemailer";
import { afterAll, beforeAll, expect, it } from "vitest";
import { isAlive, processesIn } from "./processes.ts";
import type { Stack } from "./stack-terms.ts";
import { openTestStack } from "./test-stack.ts";
import { waitFor } from "./wait-for.ts";

let stack: Stack;

beforeAll(async () => {
  stack = await openTestStack({ services: [] });
});
afterAll(() => stack.stop());

/** Says one thing to the stack's Redis and takes the whole answer. */
function askRedis(...commands: string[]): Promise<string> {
  const { port, password } = new URL(stack.redisUrl);
  return new Promise((resolve, reject) => {
    let answer = "";
    const socket = connect(Number(port), "127.0.0.1");
    socket.on("data", (chunk) => {
      answer += chunk;
    });
    socket.on("error", reject);
    socket.on("close", () => resolve(answer));
    socket.end([`AUTH ${password}`, ...commands, "QUIT", ""].join("\r\n"));
  });
}

/** The first bytes of the PostgreSQL protocol: a server that takes connections answers N to a request for TLS. */
function postgresAnswers(): Promise<boolean> {
  const { port } = new URL(stack.databaseUrl);
  return new Promise((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write(Buffer.from("0000000804d2162f", "hex")));
    socket.on("error", () => resolve(false));
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(answer.toString() === "N");
    });
  });
}

it("PostgreSQL comes back after a kill, at the same address", async () => {
  expect(await postgresAnswers()).toBe(true);
  stack.process("postgres").signal("SIGKILL");
  await stack.process("postgres").untilReady();
  expect(await postgresAnswers()).toBe(true);
});

it("PostgreSQL can be away for a while", async () => {
  await stack.process("postgres").stop();
  expect(await postgresAnswers()).toBe(false);
  await stack.process("postgres").start();
  expect(await postgresAnswers()).toBe(true);
});

it("Redis keeps its keys over a kill, never evicts, and asks for a password", async () => {
  expect(await askRedis("SET kept yes", "CONFIG GET maxmemory-policy")).toContain("noeviction");
  stack.process("redis").signal("SIGKILL");
  await stack.process("redis").untilReady();
  expect(await askRedis("GET kept")).toContain("yes");
  const { port } = new URL(stack.redisUrl);
  const stranger = new Promise<string>((resolve) => {
    const socket = connect(Number(port), "127.0.0.1", () => socket.write("PING\r\n"));
    socket.on("data", (answer) => {
      socket.destroy();
      resolve(`${answer}`);
    });
  });
  expect(await stranger).toContain("NOAUTH");
});

it("when the guard is killed, both servers go with it and come back under a new one", async () => {
  const [guard] = processesIn(`${stack.stateFolder}/run/guard`);
  const before = ["postgres", "redis"].map((name) => stack.process(name).identity ?? "");
  process.kill(guard ?? 0, "SIGKILL");
  await waitFor(() => !before.some(isAlive), { timeoutMs: 30_000, what: "the servers to end" });
  await Promise.all(["postgres", "redis"].map((name) => stack.process(name).untilReady()));
  expect(await postgresAnswers()).toBe(true);
  expect(await askRedis("GET kept")).toContain("yes");
});

it("a mail that was accepted is there after the mailbox was killed", async () => {
  const { port, hostname: host } = new URL(stack.smtpUrl);
  const mail = { from: "inlet@example.org", to: "ops@example.org", subject: "kept", text: "x" };
  await createTransport({ host, port: Number(port) }).sendMail(mail);
  stack.process("mailbox").signal("SIGKILL");
  await stack.process("mailbox").untilReady();
  expect(await (await fetch(`${stack.mailboxUrl}/api/messages?subject=kept`)).json()).toHaveLength(1);
});

it("two stacks live side by side; one that is stopped leaves neither process nor file", async () => {
  const other = await openTestStack({ services: [] });
  const identities = other.processes().map(({ identity }) => identity ?? "");
  expect(identities).toHaveLength(3);
  await other.stop();
  expect(identities.filter(isAlive)).toEqual([]);
  expect(processesIn(other.stateFolder)).toEqual([]);
  expect(existsSync(other.stateFolder)).toBe(false);
  expect(await postgresAnswers()).toBe(true);
});

it("a process that the stack does not have is named together with those that it has", () => {
  expect(() => stack.process("validator")).toThrow("this stack has no validator; it has mailbox, postgres, redis");
});
