import { readFromAddress, readHeaderFields } from "@inlet/mail-intake";
import { getDomain } from "tldts";
import { type MethodResult, readMethodResults, readServerName } from "./authentication-results.ts";

/** Who a message is from, as far as that is proved. */
export type SenderVerdict =
  /** `domain` is what the proof holds for. */
  | { authenticated: true; address: string; by: "dmarc" | "dkim"; domain: string }
  /** `address`: what the message claims, where it can be read. */
  | { authenticated: false; address: string | null; code: string; message: string };

/**
 * Judges whether a message is from the address in its From field, by what the mailbox's own server wrote above it (RFC 8601):
 * DMARC passed for that domain, or a DKIM signature of the same organisation holds (RFC 7489, 3.1.1, relaxed).
 *
 * Every server puts its fields on top. So of the fields in its name only the topmost counts: one that the sender has put in
 * stands below it. The server must write one for every message, or remove others in its name (RFC 8601, 5).
 * @param header the message's header, its first bytes up to the empty line
 * @param trustedServer the server's name in that field; upper and lower case are the same
 */
export function judgeSender(header: Buffer, trustedServer: string): SenderVerdict {
  const fields = readHeaderFields(header);
  if (fields === undefined) return refused(null, "header_malformed", "The message's header is malformed.");
  const [from, second] = fields.filter(({ name }) => name === "from");
  if (from === undefined) return refused(null, "from_missing", "The message has no From field.");
  if (second !== undefined) return refused(null, "from_repeated", "The message has more than one From field.");
  const address = readFromAddress(from.value);
  if (address === undefined) return refused(null, "from_unreadable", "The From field holds no single plain address.");

  const server = trustedServer.toLowerCase();
  const topmost = fields.find(
    ({ name, value }) => name === "authentication-results" && readServerName(value) === server,
  );
  if (topmost === undefined) {
    return refused(
      address,
      "results_missing",
      `The message has no Authentication-Results field of ${trustedServer}. Compare the profile's trustedServer with the name that the mailbox's server writes there.`,
    );
  }
  const results = readMethodResults(topmost.value);
  if (results === undefined) {
    return refused(
      address,
      "results_malformed",
      `The Authentication-Results field of ${trustedServer} cannot be read.`,
    );
  }
  return judgeResults(address, results);
}

function judgeResults(address: string, results: readonly MethodResult[]): SenderVerdict {
  const domain = domainOf(address);
  const dmarc = results.filter(({ method }) => method === "dmarc");
  // The domain's owner wants nothing to be believed that fails, however it is signed.
  if (dmarc.some(({ result }) => result === "fail")) {
    return refused(address, "dmarc_failed", `DMARC failed for ${domain}.`);
  }
  if (dmarc.some((each) => each.result === "pass" && property(each, "header.from")?.toLowerCase() === domain)) {
    return { authenticated: true, address, by: "dmarc", domain };
  }
  for (const each of results) {
    if (each.method !== "dkim" || each.result !== "pass") continue;
    const signer = signerOf(each);
    if (signer !== undefined && isSameOrganisation(signer, domain)) {
      return { authenticated: true, address, by: "dkim", domain: signer };
    }
  }
  return refused(
    address,
    "not_authenticated",
    `Neither did DMARC pass for ${domain}, nor is there a valid DKIM signature of that domain.`,
  );
}

/** Google names the signer's identity (`header.i=@example.com`) and not its domain. */
function signerOf(result: MethodResult): string | undefined {
  const signer = property(result, "header.d") ?? property(result, "header.i");
  return signer === undefined ? undefined : domainOf(signer);
}

/** Undefined, too, when it is there twice: which one was meant? */
function property({ properties }: MethodResult, wanted: string): string | undefined {
  const [found, second] = properties.filter(({ name }) => name === wanted);
  return second === undefined ? found?.value : undefined;
}

const domainOf = (address: string) => address.slice(address.lastIndexOf("@") + 1).toLowerCase();

/** With the private part of the public suffix list: two customers of one host are not one organisation. */
function isSameOrganisation(one: string, other: string): boolean {
  if (one === other) return true;
  const organisation = getDomain(one, { allowPrivateDomains: true });
  return organisation !== null && organisation === getDomain(other, { allowPrivateDomains: true });
}

const refused = (address: string | null, code: string, message: string): SenderVerdict => ({
  authenticated: false,
  address,
  code,
  message,
});
