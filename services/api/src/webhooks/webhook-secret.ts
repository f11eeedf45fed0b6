import { randomBytes } from "node:crypto";
import { seal } from "@inlet/runtime";

/** As many as HMAC-SHA256 has use for. Standard Webhooks asks for 24 to 64. */
const SECRET_BYTES = 32;
const PREFIX = "whsec_";

/** A signing secret as it is shown once, and as it is stored. */
export interface NewWebhookSecret {
  text: string;
  sealed: Buffer;
  /** Its last characters: they tell one from another, and nobody what it is. */
  hint: string;
}

/**
 * Makes a signing secret, or takes the one that its receiver has already.
 * @param key the key-encryption key
 * @param given as webhookSecretSchema lets it through
 */
export function newWebhookSecret(key: Buffer, clientId: number, given?: string): NewWebhookSecret {
  const text = given ?? `${PREFIX}${randomBytes(SECRET_BYTES).toString("base64")}`;
  const bytes = Buffer.from(text.slice(PREFIX.length), "base64");
  return { text, sealed: seal(key, bytes, `webhook:${clientId}`), hint: `…${text.slice(-4)}` };
}
