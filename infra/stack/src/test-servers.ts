import { openTestStack } from "./test-stack.ts";

/**
 * A global set-up for Vitest: one PostgreSQL and one Redis for tests that need a server and no hub. The workers find
 * them in INLET_TEST_DATABASE_URL (migrated; clone it for tests that write) and INLET_TEST_REDIS_URL.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  const stack = await openTestStack({ services: [] });
  process.env.INLET_TEST_DATABASE_URL = stack.databaseUrl;
  process.env.INLET_TEST_REDIS_URL = stack.redisUrl;
  return () => stack.stop();
}
