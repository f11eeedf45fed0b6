import { AppError, Misconfigured } from "@inlet/contracts";
import { type Key, type PrivateKey, readKey, readPrivateKey } from "openpgp";
import { fingerprintOf } from "./key.ts";

/** Our private keys, to decrypt with: as they were stored. @throws Misconfigured */
export async function readOurKeys(armored: readonly string[]): Promise<readonly PrivateKey[]> {
  const keys = await Promise.all(armored.map((armoredKey) => stored(() => readPrivateKey({ armoredKey }))));
  const locked = keys.find((key) => !key.isDecrypted());
  if (locked === undefined) return keys;
  const fingerprint = fingerprintOf(locked);
  throw new Misconfigured({
    code: "pgp_key_locked",
    message: `The private key ${fingerprint} is under a passphrase; import it unlocked.`,
    context: { fingerprint },
  });
}

/** The client's keys, to verify with: as they were stored. @throws Misconfigured */
export function readTheirKeys(armored: readonly string[]): Promise<readonly Key[]> {
  return Promise.all(armored.map((armoredKey) => stored(() => readKey({ armoredKey }))));
}

async function stored<K>(read: () => Promise<K>): Promise<K> {
  try {
    return await read();
  } catch (cause) {
    if (cause instanceof AppError) throw cause;
    throw new Misconfigured({
      code: "pgp_key_unreadable",
      message: "A stored OpenPGP key cannot be read; import it again.",
      cause,
    });
  }
}
