// `npm run check`: format, lint, import rule, types, dead code. `-- --fix` writes what can be mended.
import { spawn } from "node:child_process";
import path from "node:path";
import { buffer } from "node:stream/consumers";
import { ROOT } from "../../bootstrap/pinned.js";

type Check = { name: string; command: string; args: string[] };
type Outcome = Check & { passed: boolean; output: string; seconds: string };

const fix = process.argv.includes("--fix");
const colour = process.stdout.isTTY && !process.env.NO_COLOR ? ["--colors=force"] : ["--colors=off"];

const CHECKS: Check[] = [
  {
    name: "format, lint",
    command: "biome",
    args: ["check", ...(fix ? ["--write"] : []), "--error-on-warnings", "--max-diagnostics=200", ...colour],
  },
  { name: "import rule", command: process.execPath, args: [path.join(import.meta.dirname, "import-rule-main.ts")] },
  { name: "types", command: "tsc", args: ["-p", ".", "--pretty", String(Boolean(process.stdout.isTTY))] },
  {
    name: "types of the console",
    command: "tsc",
    args: ["-p", "packages/console", "--pretty", String(Boolean(process.stdout.isTTY))],
  },
  {
    name: "types of the player",
    command: "tsc",
    args: ["-p", "packages/player", "--pretty", String(Boolean(process.stdout.isTTY))],
  },
  { name: "dead code", command: "knip", args: ["--no-progress"] },
];

const outcomes = await Promise.all(CHECKS.map(run));
for (const { name, output } of outcomes.filter(({ passed }) => !passed))
  process.stdout.write(`\n── ${name} ──\n${output.trimEnd()}\n`);
process.stdout.write("\n");
for (const { name, passed, seconds } of outcomes)
  process.stdout.write(`${passed ? "ok    " : "FAILED"}  ${name.padEnd(24)} ${seconds} s\n`);
process.exit(outcomes.every(({ passed }) => passed) ? 0 : 1);

async function run(check: Check): Promise<Outcome> {
  const startedAt = Date.now();
  const file = path.resolve(ROOT, "node_modules/.bin", check.command);
  const child = spawn(file, check.args, { cwd: ROOT, stdio: ["ignore", "pipe", "pipe"] });
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("close", resolve);
  });
  const [code, out, err] = await Promise.all([ended, buffer(child.stdout), buffer(child.stderr)]);
  const seconds = ((Date.now() - startedAt) / 1000).toFixed(1);
  return { ...check, passed: code === 0, output: `${out}${err}`, seconds };
}
