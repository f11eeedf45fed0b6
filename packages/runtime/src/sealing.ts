import { createCipheriv, createDecipheriv, randomBytes } from "node:crypto";
import { InvariantBroken } from "@inlet/contracts";

const VERSION = 1;
const NONCE_BYTES = 12;
const TAG_BYTES = 16;

/**
 * Encrypts a secret for storage: AES-256-GCM under the key-encryption key. `context` (such as `link-key:42`, with the
 * client's id) is authenticated, so that a sealed value cannot be moved to another client.
 * Layout: version (1), nonce (12), tag (16), ciphertext.
 */
export function seal(key: Buffer, plain: Buffer, context: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv("aes-256-gcm", key, nonce).setAAD(Buffer.from(context));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([Buffer.from([VERSION]), nonce, cipher.getAuthTag(), body]);
}

/**
 * Opens what {@link seal} made.
 * @throws InvariantBroken when the key, the context or a byte is another one
 */
export function unseal(key: Buffer, sealed: Buffer, context: string): Buffer {
  try {
    if (sealed[0] !== VERSION) throw new Error(`unknown version ${sealed[0]}`);
    const nonce = sealed.subarray(1, 1 + NONCE_BYTES);
    const tag = sealed.subarray(1 + NONCE_BYTES, 1 + NONCE_BYTES + TAG_BYTES);
    const decipher = createDecipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES })
      .setAAD(Buffer.from(context))
      .setAuthTag(tag);
    return Buffer.concat([decipher.update(sealed.subarray(1 + NONCE_BYTES + TAG_BYTES)), decipher.final()]);
  } catch (cause) {
    throw new InvariantBroken({
      code: "unseal_failed",
      message: "A stored secret cannot be opened: INLET_KEY is not the key it was sealed with, or the row was changed.",
      context: { sealedFor: context },
      cause,
    });
  }
}
