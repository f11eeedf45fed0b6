// `npm test`: builds console and player, fetches the programs that the chosen tests ask for, then runs Vitest. Arguments are Vitest's, such as a
// part of a file name or `-t NAME`; `--full` adds test/full. The last line is `N passed, N failed`.
import { readFile } from "node:fs/promises";
import { createVitest, parseCLI, type Vitest } from "vitest/node";
import { ROOT } from "../../bootstrap/pinned.js";
import { buildConsole, buildPlayer } from "./browser-build.ts";
import { debianTool, isDebianToolName } from "./debian-tools.ts";

const full = process.argv.includes("--full");
const { filter, options } = parseCLI(["vitest", "run", ...process.argv.slice(2).filter((arg) => arg !== "--full")]);

const vitest = await createVitest("test", { ...options, root: ROOT, watch: false });
if (full) for (const project of vitest.projects) dropExclusion(project.config.exclude, "test/full/**");
const interrupt = stopOnInterrupt(vitest);

const specifications = await vitest.globTestSpecifications(filter);
if (specifications.length === 0) {
  process.stderr.write(`no test file matches ${filter.join(" ")}\n0 passed, 0 failed\n`);
  process.exit(1);
}
await buildPlayer(() => process.stdout.write("building the player\n"));
await buildConsole(() => process.stdout.write("building the console\n"));
await provideTools(specifications.map(({ moduleId }) => moduleId));
await vitest.start(filter);
const { passed, failed, skipped } = count(vitest);
await vitest.close();

if (skipped > 0) process.stdout.write(`${skipped} skipped\n`);
process.stdout.write(`${passed} passed, ${failed} failed\n`);
if (interrupt.asked) process.exit(130);
process.exit(failed === 0 && passed > 0 ? 0 : 1);

/** The tests ask for them by themselves, too; here they are fetched before the clock of a test runs. */
async function provideTools(files: string[]): Promise<void> {
  const sources = await Promise.all(files.map((file) => readFile(file, "utf8")));
  const asked = sources.flatMap((source) => [...source.matchAll(/\b(?:debianTool|requireDebianTool)\("([\w-]+)"\)/g)]);
  const names = new Set(asked.map((match) => match[1] ?? "").filter(isDebianToolName));
  for (const name of names) await debianTool(name);
}

/** A file that failed before or beside its tests counts as one failure, and so does an error outside of all tests. */
function count({ state }: Vitest): { passed: number; failed: number; skipped: number } {
  const counts = { passed: 0, failed: state.getUnhandledErrors().length, skipped: 0 };
  for (const module of state.getTestModules()) {
    let failedInside = 0;
    for (const test of module.children.allTests()) {
      const result = test.result().state;
      if (result === "passed") counts.passed += 1;
      else if (result === "skipped") counts.skipped += 1;
      else failedInside += 1;
    }
    counts.failed += failedInside === 0 && module.state() === "failed" ? 1 : failedInside;
  }
  return counts;
}

function dropExclusion(exclude: string[], pattern: string): void {
  const index = exclude.indexOf(pattern);
  if (index >= 0) exclude.splice(index, 1);
}

/**
 * Once: no further test is begun, and the running ones clean up. Twice: at once; their stacks end by themselves, and
 * their folders are removed by the next run.
 */
function stopOnInterrupt(run: Vitest): { asked: boolean } {
  const interrupt = { asked: false };
  for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
    // Vitest's own would end the process at once, in the middle of the tests' cleaning up.
    process.removeAllListeners(signal);
    process.on(signal, () => {
      if (interrupt.asked && signal === "SIGINT") process.exit(130);
      if (interrupt.asked) return;
      interrupt.asked = true;
      process.stderr.write("\nending with the running tests; Ctrl-C once more ends at once\n");
      void run.cancelCurrentRun("keyboard-input");
    });
  }
  return interrupt;
}
