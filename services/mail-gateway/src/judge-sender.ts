import type { Resolver } from "node:dns/promises";
import type { Readable } from "node:stream";
import type { Authenticated } from "@inlet/mail-intake";
import { type AuthenticateResult, authenticate } from "mailauth";

/** What is known of the one who hands a message over. */
export interface Handover {
  /** The address of the connection. */
  ip: string;
  helo: string;
  /** MAIL FROM; empty for the null sender. */
  envelopeFrom: string;
}

/** A DKIM signature that proves the sender. */
export interface Signature {
  /** SHA-256 of its value. Whoever sends the message again, whatever he changes that it does not cover, has to keep it. */
  id: string;
  coversMessageId: boolean;
}

/** Whether a message is from the address in its From field. `found` is for the audit. */
export type Verdict =
  | { proved: true; sender: Authenticated; signature: Signature | undefined; found: Record<string, unknown> }
  /** `passing`: a name server did not answer, and may next time. */
  | { proved: false; passing: boolean; found: Record<string, unknown> };

interface JudgeOptions {
  /** The one address of the From field, in lower case. */
  from: string;
  handover: Handover;
  resolver: Resolver;
  /** Our own name. */
  hostname: string;
}

/** DNS answers within seconds or not at all; many senders wait ten minutes for the answer to a message (RFC 5321, 4.5.3.2.6). */
const DEADLINE_MS = 60_000;

/**
 * Judges who a message is from: DMARC has to pass for its domain, or, where the domain has no policy, a DKIM signature of the
 * same organisation (RFC 7489, 3.1.1, relaxed). A signature that covers only a part of the body (`l=`) proves nothing of the
 * attachments behind that part, and does not count; nor do SHA-1 and keys of less than 1024 bits (RFC 8301).
 */
export async function judgeSender(
  message: Readable,
  { from, handover, resolver, hostname }: JudgeOptions,
): Promise<Verdict> {
  const judged = authenticate(message, {
    ip: handover.ip,
    helo: handover.helo,
    sender: handover.envelopeFrom,
    mta: hostname,
    resolver: async (name, type) => (await resolver.resolve(name, type)) as string[],
    rejectRsaSha1: true,
    disableArc: true,
    disableBimi: true,
  });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<undefined>((resolve) => {
    timer = setTimeout(() => resolve(undefined), DEADLINE_MS);
  });
  try {
    const result = await Promise.race([judged, late]);
    if (result !== undefined) return verdictOf(result, from);
    judged.catch(() => {});
    return { proved: false, passing: true, found: { error: `no verdict within ${DEADLINE_MS} ms` } };
  } finally {
    clearTimeout(timer);
  }
}

function verdictOf(result: AuthenticateResult, from: string): Verdict {
  const { dkim, dmarc, spf } = result;
  const found = describe(result);
  const [address, second] = dkim.headerFrom;
  // Whoever judges a message must see the one that those after it see.
  if (second !== undefined || address?.toLowerCase() !== from) return { proved: false, passing: false, found };
  const whole = dkim.results.find(
    ({ status }) => status.result === "pass" && status.aligned && !((status.underSized ?? 0) > 0),
  );
  const policy = dmarc ? dmarc.status.result : "none";
  const spfAligned = dmarc ? dmarc.alignment?.spf?.result : undefined;
  const domain = from.slice(from.lastIndexOf("@") + 1);
  const signature = whole && { id: whole.id!, coversMessageId: coversMessageId(whole) };
  if (policy === "pass" && (whole || spfAligned)) {
    return { proved: true, sender: { address: from, by: "dmarc", domain }, signature, found };
  }
  if (policy === "none" && whole) {
    const { signingDomain = domain } = whole;
    return { proved: true, sender: { address: from, by: "dkim", domain: signingDomain }, signature, found };
  }
  const results = [...dkim.results.map(({ status }) => status.result), policy, spf ? spf.status.result : "none"];
  return { proved: false, passing: results.includes("temperror"), found };
}

const coversMessageId = ({ signingHeaders }: AuthenticateResult["dkim"]["results"][number]): boolean =>
  (signingHeaders?.headers ?? []).some((line) => /^message-id[ \t]*:/i.test(line));

const MOST_SIGNATURES = 5;

function describe({ dkim, dmarc, spf }: AuthenticateResult): Record<string, unknown> {
  return {
    dkim: dkim.results.slice(0, MOST_SIGNATURES).map(({ signingDomain, status }) => ({
      domain: signingDomain ?? null,
      result: status.result,
      ...(status.comment && { comment: status.comment }),
      ...(status.underSized && { uncoveredBytes: status.underSized }),
      aligned: Boolean(status.aligned),
    })),
    spf: spf ? { domain: spf.domain ?? null, result: spf.status.result } : null,
    dmarc: dmarc ? { domain: dmarc.domain, result: dmarc.status.result } : null,
  };
}
