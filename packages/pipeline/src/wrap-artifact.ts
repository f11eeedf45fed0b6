import type { Blobs } from "@inlet/blobs";
import { Misconfigured, type Profile, type Wrap } from "@inlet/contracts";
import type { Artifact, ClaimedStep, Executor } from "@inlet/database";
import { type WrapAs, wrap, wrappedName } from "@inlet/envelope";
import { attemptsKey } from "./attempts-key.ts";
import { readClientSecret } from "./client-secret.ts";
import { giveWayByPiece } from "./give-way-by-piece.ts";
import { readProjectKeys } from "./project-keys.ts";

/** Whose file is wrapped. */
type WrappedStep = Pick<
  ClaimedStep,
  "batchId" | "epoch" | "clientId" | "client" | "projectId" | "project" | "source" | "receivedAt"
>;

/**
 * What goes back to the client of a batch is wrapped in: as the profile's delivery says; a file that came by e-mail is
 * answered as it came, under its password or encrypted.
 */
export function wrapFor(source: string, { delivery, incoming }: Pick<Profile, "delivery" | "incoming">): Wrap {
  const agreed: Wrap = delivery?.wrap ?? { as: "plain" };
  if (source !== "email") return agreed;
  if (incoming.pgp === "require") return agreed.as === "pgp" ? agreed : { as: "pgp", sign: true, armor: false };
  const { password } = incoming.zip;
  if (password === undefined) return agreed;
  return { as: "zip", password, encryption: agreed.as === "zip" ? agreed.encryption : "aes256" };
}

/**
 * Resolves what a batch's outgoing files are wrapped in, with its keys and password. Null: they go out as they are.
 * @param key the key-encryption key
 * @throws Misconfigured when a key or the password is missing: `pgp_client_key_missing`, `pgp_key_missing`, `secret_missing`
 */
export async function readWrapping(
  executor: Executor,
  key: Buffer,
  { step, profile }: { step: WrappedStep; profile: Pick<Profile, "delivery" | "incoming"> },
): Promise<WrapAs | null> {
  const wanted = wrapFor(step.source, profile);
  switch (wanted.as) {
    case "plain":
      return null;
    case "zip": {
      const { password: name, encryption } = wanted;
      if (name === undefined) return { as: "zip", encryption };
      return { as: "zip", encryption, password: await readZipPassword(executor, key, { ...step, name }) };
    }
    case "pgp":
      return await pgpWrapping(executor, key, step, wanted);
  }
}

async function pgpWrapping(
  executor: Executor,
  key: Buffer,
  step: WrappedStep,
  { sign, armor }: Extract<Wrap, { as: "pgp" }>,
): Promise<WrapAs> {
  const { ours, theirs } = await readProjectKeys(executor, key, step);
  if (theirs.encryption.length === 0) {
    throw new Misconfigured({
      code: "pgp_client_key_missing",
      message: `Project ${step.project} of ${step.client} has no valid OpenPGP key of the client's to encrypt to. Import the client's public key (inlet keys import), then retry.`,
    });
  }
  if (sign && ours.active === undefined) {
    throw new Misconfigured({
      code: "pgp_key_missing",
      message: `Project ${step.project} of ${step.client} has no OpenPGP key of its own to sign with. Make one (inlet keys generate) and give its public key to the client, then retry; or set delivery.wrap.sign to false.`,
    });
  }
  return { as: "pgp", recipients: theirs.encryption, signWith: sign ? ours.active : undefined, armor };
}

/**
 * Opens the secret that holds the password of a client's ZIP files. A line break at its end is no part of it.
 * @throws Misconfigured `secret_missing`
 */
export async function readZipPassword(
  executor: Executor,
  key: Buffer,
  { clientId, client, name }: { clientId: number; client: string; name: string },
): Promise<string> {
  const secret = await readClientSecret(executor, key, { clientId, client, name });
  return secret.toString("utf8").replace(/\r?\n$/, "");
}

/** A stored file of a batch that goes out wrapped, and what it goes out in. */
export interface Wrapping {
  step: WrappedStep;
  artifact: Artifact & { kind: "result" | "errors" };
  as: WrapAs;
  /** The wrapped file's name; else it follows from the file's own. */
  name?: string;
  signal: AbortSignal;
  giveWay: () => Promise<void> | undefined;
}

const READ_BYTES = 512 * 1024;

/**
 * Wraps a stored file of a batch. Encryption is random, so an attempt never writes where another one did: a worker that was
 * thought dead does not put other bytes in the place of what its successor has committed.
 */
export async function storeWrapped(
  blobs: Blobs,
  { step, artifact, as, name = wrappedName(artifact.name, as), signal, giveWay }: Wrapping,
): Promise<Artifact> {
  const kind = `wrapped_${artifact.kind}` as const;
  const reader = await blobs.open(artifact.blobKey);
  const writer = await blobs.create(await attemptsKey(blobs, step, `wrapped-${artifact.kind}`));
  try {
    const wrapped = wrap(reader.chunks({ chunkBytes: READ_BYTES }), {
      name: artifact.name,
      sizeBytes: artifact.sizeBytes,
      modifiedAt: step.receivedAt,
      as,
    });
    const mayGiveWay = giveWayByPiece(giveWay);
    for await (const chunk of wrapped) {
      signal.throwIfAborted();
      await writer.write(chunk);
      await mayGiveWay(chunk);
    }
    const { key: blobKey, sizeBytes, sha256 } = await writer.finish();
    return { kind, blobKey, name, sizeBytes, sha256 };
  } finally {
    await writer.abort();
    await reader.close();
  }
}
