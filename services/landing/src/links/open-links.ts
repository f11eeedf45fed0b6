import type { Blobs } from "@inlet/blobs";
import type { Database } from "@inlet/database";
import { openRecipients } from "@inlet/purl";
import type { Service } from "@inlet/runtime";
import { openDomains } from "../domains.ts";
import type { LandingEnv } from "../env.ts";
import type { MissBudget } from "../limits/miss-budget.ts";
import { openHosts } from "./hosts.ts";
import { openLinkBook } from "./link-book.ts";
import { linkOpener, type OpenLink } from "./open-link.ts";

interface LinkSources {
  database: Database;
  blobs: Blobs;
  budget: MissBudget;
}

/** Opens all that opening links needs. `/readyz` then says whether it is informed, and `/domains` where links open. */
export async function openLinks(
  { logger, health, use }: Service,
  env: LandingEnv,
  { database, blobs, budget }: LinkSources,
): Promise<OpenLink> {
  const recipients = await use(openRecipients(blobs));
  const book = await use(
    openLinkBook({ database, keyEncryptionKey: env.INLET_KEY, logger, maxAgeMs: env.LINKS_MAX_AGE_MS }),
  );
  health.addCheck("database", () => book.assertInformed());
  const isOurs = openDomains(database, { landingUrl: env.LANDING_URL, further: env.LANDING_HOSTS });
  health.addQuestion("/domains", async (query) => ((await isOurs(query.get("domain") ?? "")) ? 200 : 404));
  return linkOpener({ book, recipients, budget, hosts: openHosts(env.LANDING_URL, env.LANDING_HOSTS) });
}
