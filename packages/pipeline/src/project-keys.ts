import { type Executor, sealedPgpKeys } from "@inlet/database";
import { unseal } from "@inlet/runtime";

/** The OpenPGP keys of a project, armoured, as its files need them. */
export interface ProjectKeys {
  /** Private and unlocked: never into a log, a row or an answer. */
  ours: {
    /** Signs what goes back. */
    active: string | undefined;
    /** Open what comes in: the active one, then those that were, the newest first. */
    all: readonly string[];
  };
  theirs: {
    /** What goes back is encrypted to each of these: active, not expired, made for it. */
    encryption: readonly string[];
    /** Signatures are held against these: all active ones. An expired one among them is told by its own reason. */
    verification: readonly string[];
  };
}

/** What a private key of ours is sealed for. */
export const pgpKeyContext = (clientId: number): string => `pgp-key:${clientId}`;

/**
 * Reads a project's keys.
 * @param key the key-encryption key
 * @throws InvariantBroken `unseal_failed`
 */
export async function readProjectKeys(
  executor: Executor,
  key: Buffer,
  { projectId, clientId }: { projectId: number; clientId: number },
): Promise<ProjectKeys> {
  const now = new Date();
  const keys = await sealedPgpKeys(executor, projectId);
  const ours = keys.flatMap(({ sealed, state }) =>
    sealed === null ? [] : [{ state, armored: unseal(key, sealed, pgpKeyContext(clientId)).toString("utf8") }],
  );
  const theirs = keys.filter(({ owner, state }) => owner === "theirs" && state === "active");
  return {
    ours: {
      active: ours.find(({ state }) => state === "active")?.armored,
      all: ours.map(({ armored }) => armored),
    },
    theirs: {
      encryption: theirs
        .filter(({ canEncrypt, expiresAt }) => canEncrypt && (expiresAt === null || expiresAt > now))
        .map(({ publicKey }) => publicKey),
      verification: theirs.map(({ publicKey }) => publicKey),
    },
  };
}
