import { checkServices, SERVICE_NAMES, type ServiceName } from "./services.ts";
import { StackBuild } from "./stack-build.ts";
import type { Stack, StackOptions } from "./stack-terms.ts";
import { openStateFolder } from "./state-folder.ts";

/**
 * Brings the hub up: PostgreSQL, Redis, mailbox, migrations, services; resolves when all are ready. DATABASE_URL,
 * REDIS_URL and SMTP_URL, when set, are used instead of own servers, and so are INLET_KEY, INLET_HOST (the address to listen
 * on), LANDING_URL, CONSOLE_URL and MAIL_FROM (not by a temporary stack).
 * @throws {Error} when a part does not start; what had been started is stopped again
 */
export async function openStack(options: StackOptions): Promise<Stack> {
  const counts = countServices(options.services);
  checkServices([...counts.keys()]);
  const state = await openStateFolder(options.stateFolder, { temporary: options.temporary ?? false });
  const build = new StackBuild(state, options);
  try {
    return await build.open(counts);
  } catch (error) {
    await build.stop();
    throw error;
  }
}

function countServices(services: StackOptions["services"] = SERVICE_NAMES): Map<ServiceName, number> {
  if (!Array.isArray(services)) return new Map(Object.entries(services) as [ServiceName, number][]);
  const counts = new Map<ServiceName, number>();
  for (const service of services) counts.set(service, (counts.get(service) ?? 0) + 1);
  return counts;
}
