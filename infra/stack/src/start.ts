// `npm start`: the whole hub in the foreground, until Ctrl-C.
import { existsSync } from "node:fs";
import { readFile } from "node:fs/promises";
import path from "node:path";
import { ROOT } from "../../bootstrap/pinned.js";
import { renderBanner } from "./banner.ts";
import { onInterrupt } from "./interrupts.ts";
import { renderLine } from "./log-line.ts";
import { SERVICE_NAMES } from "./services.ts";
import { openStack } from "./stack.ts";
import type { Stack } from "./stack-terms.ts";

const startedAt = Date.now();
const stateFolder = path.resolve(process.env.INLET_STATE ?? path.join(ROOT, ".inlet"));
const colour = !process.env.NO_COLOR && (process.stdout.isTTY || Boolean(process.env.FORCE_COLOR));
const nameWidth = Math.max(...SERVICE_NAMES.map((name) => name.length));
const say = (name: string, line: string) => process.stdout.write(`${renderLine(name, line, { colour, nameWidth })}\n`);

const isFirstStart = !existsSync(path.join(stateFolder, "admin-key"));
const opening = openStack({ stateFolder, onLine: say, onProgress: (what) => say("inlet", what) });

let isOpen = false;

onInterrupt({
  stop: (cause) => {
    say("inlet", `stopping (${cause}); Ctrl-C once more ends everything at once`);
    void finish((stack) => stack.stop(), "stopped; everything is kept");
  },
  force: () => {
    say("inlet", "ending everything at once");
    // Still starting: the parts notice that this process is gone, and end.
    if (!isOpen) process.exit(130);
    void finish((stack) => stack.force(), "ended");
  },
});

try {
  const stack = await opening;
  isOpen = true;
  const newAdminKey = isFirstStart ? await adminKey(stack) : undefined;
  process.stdout.write(`${renderBanner({ stack, elapsedMs: Date.now() - startedAt, newAdminKey, colour })}\n`);
} catch (error) {
  process.stderr.write(`Inlet did not start.\n${(error as Error).message}\n`);
  process.exit(1);
}

async function finish(end: (stack: Stack) => Promise<void>, word: string): Promise<void> {
  // An interrupt in the middle of a start: what is up by then is stopped in order.
  const stack = await opening.catch(() => process.exit(1));
  await end(stack);
  say("inlet", word);
  process.exit(0);
}

function adminKey({ adminKeyFile }: Stack): Promise<string | undefined> {
  return readFile(adminKeyFile, "utf8").then(
    (key) => key.trim(),
    () => undefined,
  );
}
