import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import os from "node:os";
import path from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";
import { ROOT } from "../../bootstrap/pinned.js";
import { isAlive } from "./processes.ts";
import { waitFor } from "./wait-for.ts";

const RUN = path.join(ROOT, "infra/bootstrap/run.js");
let folder: string;
let program: string;

/** Counts its interrupts until it is told to end; its pid comes first. */
const SOURCE = `
let interrupts: number = 0;
process.on("SIGINT", () => { interrupts += 1; console.log("interrupt " + interrupts); });
process.on("SIGTERM", () => process.exit(interrupts === 0 ? 20 : interrupts));
if (process.argv[2] === "exit") process.exit(Number(process.argv[3]));
if (process.argv[2] === "say") { console.log(process.argv.slice(3).join("|")); process.exit(0); }
console.log("pid " + process.pid);
setInterval(() => {}, 1000);
`;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), "hand over "));
  program = path.join(folder, "program.ts");
  await writeFile(program, SOURCE);
});
afterAll(() => rm(folder, { recursive: true }));

type Run = { child: ChildProcess; output: () => string; code: Promise<number | string | null> };

function run(...args: string[]): Run {
  const child = spawn(process.execPath, [RUN, program, ...args], { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  child.stdout.on("data", (chunk) => {
    output += chunk;
  });
  return { child, output: () => output, code: once(child, "close").then(([code, signal]) => signal ?? code) };
}

const saying = (one: Run, text: string) =>
  waitFor(() => one.output().includes(text), { timeoutMs: 30_000, what: `the program to say ${text}` });

it("arguments and exit codes pass through", async () => {
  const said = run("say", "a b", "--flag", "ü'\"$x");
  expect(await said.code).toBe(0);
  expect(said.output()).toBe("a b|--flag|ü'\"$x\n");
  expect(await run("exit", "7").code).toBe(7);
});

it("a Ctrl-C that comes twice, from the terminal and from npm, is one", async () => {
  const one = run();
  await saying(one, "pid");
  one.child.kill("SIGINT");
  one.child.kill("SIGINT");
  await saying(one, "interrupt 1");
  one.child.kill("SIGTERM");
  expect(await one.code).toBe(1);
});

it("when the launcher is killed, the program is asked to end", async () => {
  const one = run();
  await saying(one, "pid");
  const pid = Number(/pid (\d+)/.exec(one.output())?.[1]);
  one.child.kill("SIGKILL");
  await waitFor(() => !isAlive(`${pid} -`), { timeoutMs: 30_000, what: "the program to end" });
});

it("a program that is not there is one clear line", async () => {
  const child = spawn(process.execPath, [RUN, "infra/nothing.ts"], { stdio: ["ignore", "ignore", "pipe"] });
  let complaint = "";
  child.stderr.on("data", (chunk) => {
    complaint += chunk;
  });
  expect((await once(child, "close"))[0]).toBe(1);
  expect(complaint).toBe(`inlet: there is no infra/nothing.ts in ${ROOT}\n`);
});
