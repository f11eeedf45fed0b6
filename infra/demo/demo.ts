// `npm run demo`: two clients and their files, through a whole hub. See src/arguments.ts.
import path from "node:path";
import { openStack, type Stack } from "@inlet/stack";
import { onInterrupt } from "../stack/src/interrupts.ts";
import { type Arguments, readArguments, USAGE } from "./src/arguments.ts";
import { farewell, hubWords } from "./src/farewell.ts";
import { openHub } from "./src/hub.ts";
import { openPaint, seconds } from "./src/paint.ts";
import { playWaves } from "./src/play.ts";
import { openProgress } from "./src/progress.ts";
import { ownFile, ownWave, sampleWaves } from "./src/scenario.ts";
import { disappointments, summaryJson, summaryLines } from "./src/summary.ts";

const EXIT = { failed: 1, usage: 2, interrupted: 130 };

const { stdout, stderr } = process;
const paint = openPaint(stdout);
const say = (...lines: string[]) => void stdout.write(lines.map((line) => `${line}\n`).join(""));
const abort = new AbortController();
let stack: Stack | undefined;
let opening: Promise<Stack> | undefined;
let ending: Promise<void> | undefined;
/** All was shown: an interrupt is now the usual way to end. */
let isShown = false;

const given = readGiven();
try {
  const file = given.file === undefined ? undefined : ownFile(given.file);
  await run(given, file);
} catch (error) {
  if (!abort.signal.aborted) await fail(error as Error);
}

function readGiven(): Arguments {
  try {
    const read = readArguments(process.argv.slice(2), { isTerminal: Boolean(stdout.isTTY) });
    if (read !== "help") return read;
    say(USAGE);
    process.exit(0);
  } catch (error) {
    stderr.write(`${(error as Error).message}\n\n${USAGE}\n`);
    process.exit(EXIT.usage);
  }
}

async function run({ once, json }: Arguments, file: string | undefined): Promise<void> {
  const startedAt = Date.now();
  onInterrupt({
    stop: (cause) => void interrupted(cause),
    force: () => {
      if (stack === undefined) process.exit(EXIT.interrupted);
      void stack.force().then(() => process.exit(EXIT.interrupted));
    },
  });
  say("", `  ${paint("bold", "Inlet demo")}`, "");
  const progress = openProgress(stdout, paint);
  const stateFolder = path.resolve(process.env.INLET_STATE ?? path.join(import.meta.dirname, ".inlet"));
  opening = openStack({ stateFolder, onProgress: progress.now });
  stack = await opening;
  abort.signal.throwIfAborted();
  progress.done(`${hubWords(stack)} (${seconds(Date.now() - startedAt)})`);
  for (const { name, preferred, chosen } of stack.replacedPorts) {
    say(`    ${paint("dim", `${name}: port ${preferred} was taken, ${chosen} is used.`)}`);
  }
  const hub = await openHub(stack);
  const waves = file === undefined ? await sampleWaves(hub, new Date()) : await ownWave(hub, file);
  const played = await playWaves({
    hub,
    waves,
    output: stdout,
    paint,
    signal: abort.signal,
    mailboxUrl: stack.mailboxUrl,
  });
  const summary = { ...played, mailboxUrl: stack.mailboxUrl, elapsedMs: Date.now() - startedAt };
  say(...summaryLines(summary, { paint, columns: Math.min(140, stdout.columns ?? 100) }));
  const wrong = disappointments(summary);
  if (wrong.length > 0) throw new Error(wrong.join("\n"));
  if (once) {
    await end();
    if (json) say(JSON.stringify(summaryJson(summary)));
    process.exit(0);
  }
  isShown = true;
  say(...farewell(stack, waves, paint));
}

/** The hub is stopped in order, also one that is still starting. */
function end(): Promise<void> {
  ending ??= (async () => {
    const opened = stack ?? (await opening?.catch(() => undefined));
    await opened?.stop();
  })();
  return ending;
}

async function interrupted(cause: string): Promise<void> {
  abort.abort();
  say("", `  ${paint("dim", `Stopping (${cause}); Ctrl-C once more ends everything at once.`)}`);
  await end();
  process.exit(isShown ? 0 : EXIT.interrupted);
}

async function fail(error: Error): Promise<void> {
  stderr.write(
    `\n  ${openPaint(stderr)("red", "The demo did not work.")}\n${error.message
      .split("\n")
      .map((line) => `  ${line}`)
      .join("\n")}\n`,
  );
  if (stack) stderr.write(`  What the services said is in ${path.join(stack.stateFolder, "logs")}\n`);
  await end().catch(() => {});
  if (given.json) say(JSON.stringify({ status: "failed", error: error.message }));
  process.exit(EXIT.failed);
}
