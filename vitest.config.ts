import { availableParallelism } from "node:os";
import { defineConfig } from "vitest/config";

/**
 * Files at once. Most of a test's time is spent waiting: for leases, for servers that come back. With one file more than there are
 * cores, two cores are busy for some four fifths of the time instead of half. Each hub takes about 1 GB, so that four are enough.
 */
const FILES_AT_ONCE = Math.min(4, availableParallelism() + 1);

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "services/*/src/**/*.test.ts",
      "infra/*/src/**/*.test.ts",
      "subscribers/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "test/full/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Libraries that take a missing one for a developer's machine would print.
    env: { NODE_ENV: "test" },
    pool: "forks",
    maxWorkers: FILES_AT_ONCE,
  },
});
