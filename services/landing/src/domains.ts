import { type Database, linkAddresses } from "@inlet/database";
import { ownAddress } from "./links/hosts.ts";

/** How long an answer of PostgreSQL's counts, and the absence of one: strangers can make a proxy ask as often as they like. */
const MAX_AGE_MS = 5_000;

/**
 * Says whether links open at a domain: that of the hub, a further one, or one that a project has for itself. For a proxy that
 * gets certificates by itself, such as Caddy's `on_demand_tls`: without asking it would get one for whatever name is sent.
 */
export function openDomains(
  database: Database,
  { landingUrl, further }: { landingUrl: string; further: readonly string[] },
): (domain: string) => Promise<boolean> {
  const always = new Set([new URL(landingUrl).hostname, ...further.map((host) => host.replace(/:\d+$/, ""))]);
  let own: Promise<ReadonlySet<string>> | undefined;
  let askedAtMs = 0;

  function ownDomains(): Promise<ReadonlySet<string>> {
    const nowMs = performance.now();
    if (own === undefined || nowMs - askedAtMs > MAX_AGE_MS) {
      askedAtMs = nowMs;
      own = linkAddresses(database).then((addresses) => new Set(addresses.map(domainOf)));
    }
    return own;
  }

  return async (asked) => {
    const domain = asked.toLowerCase().replace(/\.$/, "");
    return domain !== "*" && (always.has(domain) || (await ownDomains()).has(domain));
  };
}

const domainOf = (address: string) => new URL(ownAddress(address).url).hostname;
