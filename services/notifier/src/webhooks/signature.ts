import { createHmac } from "node:crypto";

interface Signed {
  eventId: string;
  /** When it is sent, in whole seconds: receivers refuse what is old. */
  sentAtSeconds: number;
  body: string;
}

/**
 * The value of `webhook-signature`: one signature for each secret, newest first, with spaces between (Standard Webhooks,
 * "Signature scheme").
 */
export function signatureOf({ eventId, sentAtSeconds, body }: Signed, secrets: readonly Buffer[]): string {
  return secrets
    .map((secret) => createHmac("sha256", secret).update(`${eventId}.${sentAtSeconds}.${body}`).digest("base64"))
    .map((signature) => `v1,${signature}`)
    .join(" ");
}
