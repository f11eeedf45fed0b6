import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * Files at once. Most of a test's time is spent waiting: for leases, for servers that come back. With one file more than there are
 * cores, two cores are busy for some four fifths of the time instead of half. Each hub takes about 1 GB, so that four are enough.
 */
const FILES_AT_ONCE = Math.min(4, availableParallelism() + 1);

export default defineConfig({
  test: {
    exclude: ["**/node_modules/**", "test/full/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // As long as what waits for itself: its own second is over on a busy machine.
    expect: { poll: { timeout: 30_000 } },
    // Libraries that take a missing one for a developer's machine would print.
    env: { NODE_ENV: "test" },
    pool: "forks",
    maxWorkers: FILES_AT_ONCE,
    projects: [
      {
        // Begun first: the long files are here, and the short ones fill the places that are free at the end.
        extends: true,
        test: { name: "flows", include: ["infra/*/src/**/*.test.ts", "test/**/*.test.ts"] },
      },
      {
        // Beside the code: mostly short, so that a process of its own for each file took a third of the time. A test here leaves what
        // is global as it found it.
        extends: true,
        test: {
          name: "units",
          include: ["packages/*/src/**/*.test.ts", "services/*/src/**/*.test.ts", "subscribers/**/*.test.ts"],
          isolate: false,
        },
      },
    ],
  },
});
