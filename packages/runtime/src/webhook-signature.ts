import { createHmac, timingSafeEqual } from "node:crypto";
import { InvalidInput } from "@inlet/contracts";

interface Signed {
  /** The value of `webhook-id`. */
  eventId: string;
  /** When it is sent, in whole seconds: receivers refuse what is old. */
  sentAtSeconds: number;
  body: string | Buffer;
}

/** How far a request's time may be from ours, either way (Standard Webhooks' libraries). */
export const WEBHOOK_TOLERANCE_SECONDS = 300;

/**
 * The value of `webhook-signature`: one signature for each secret, newest first, with spaces between (Standard Webhooks,
 * "Signature scheme").
 */
export function webhookSignature({ eventId, sentAtSeconds, body }: Signed, secrets: readonly Buffer[]): string {
  return secrets
    .map((secret) => createHmac("sha256", secret).update(`${eventId}.${sentAtSeconds}.`).update(body).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}

/** A signing secret's bytes: base64, mostly behind `whsec_`. */
export function webhookSecretBytes(secret: string): Buffer {
  return Buffer.from(secret.replace(/^whsec_/, ""), "base64");
}

/**
 * Checks a request that was signed by Standard Webhooks, with any of the secrets.
 * @param headers names in lower case
 * @returns the event's id
 * @throws InvalidInput `webhook_refused`
 */
export function verifyWebhook(
  { headers, body, receivedAt }: { headers: Readonly<Record<string, string>>; body: Buffer; receivedAt: Date },
  secrets: readonly Buffer[],
): string {
  const eventId = headers["webhook-id"];
  const time = headers["webhook-timestamp"];
  const given = headers["webhook-signature"];
  if (!eventId || !time || !given)
    throw refused("webhook-id, webhook-timestamp and webhook-signature are needed (Standard Webhooks).");
  if (!/^\d{1,12}$/.test(time)) throw refused("webhook-timestamp is no number of seconds.");
  const sentAtSeconds = Number(time);
  if (Math.abs(receivedAt.getTime() / 1000 - sentAtSeconds) > WEBHOOK_TOLERANCE_SECONDS)
    throw refused("webhook-timestamp is more than five minutes from now: the request is old, or a clock is wrong.");
  const signatures = given.split(" ").map((each) => Buffer.from(each));
  const isRight = secrets.some((secret) => {
    const expected = Buffer.from(webhookSignature({ eventId, sentAtSeconds, body }, [secret]));
    return signatures.some((each) => each.length === expected.length && timingSafeEqual(each, expected));
  });
  if (!isRight) throw refused("the signature is not that of this body, id and time with our secret.");
  return eventId;
}

const refused = (why: string) =>
  new InvalidInput({ code: "webhook_refused", message: `The webhook is refused: ${why}` });
