import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: [
      "packages/*/src/**/*.test.ts",
      "services/*/src/**/*.test.ts",
      "infra/*/src/**/*.test.ts",
      "test/**/*.test.ts",
    ],
    exclude: ["**/node_modules/**", "test/full/**"],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    // Libraries that take a missing one for a developer's machine would print.
    env: { NODE_ENV: "test" },
    pool: "forks",
    maxWorkers: 2,
  },
});
