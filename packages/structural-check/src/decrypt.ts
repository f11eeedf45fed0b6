import type { BlobReader } from "@inlet/blobs";
import { InvariantBroken, Misconfigured, withoutWrapping } from "@inlet/contracts";
import type { Artifact } from "@inlet/database";
import { identify, MAGIC_BYTES, type UnwrapLimits, unwrap } from "@inlet/envelope";
import { attemptsKey, readProjectKeys } from "@inlet/pipeline";
import { storeInner } from "./plain.ts";
import type { OpeningParts, SentWork } from "./sent-work.ts";

/** What was in an OpenPGP message, proved whole and stored. */
export interface Decrypted {
  artifact: Artifact;
  /** The fingerprint of the client's key that signed it; null: not signed, or by an unknown key. */
  signedBy: string | null;
}

/**
 * Decrypts a message. Until its end has proved that nobody tampered with it and that its signature holds, it is in
 * quarantine: a blob without a name that is thrown away when the proof fails.
 * @throws InvalidInput for what is wrong with the message; Misconfigured while the project lacks a key
 */
export async function decrypt(
  { blobs, database, keyEncryptionKey }: OpeningParts,
  reader: BlobReader,
  { work, limits }: { work: SentWork; limits: UnwrapLimits },
): Promise<Decrypted> {
  const { step, profile, signal } = work;
  const { signature } = profile.incoming;
  const { ours, theirs } = await readProjectKeys(database, keyEncryptionKey, step);
  if (ours.all.length === 0) {
    throw new Misconfigured({
      code: "pgp_key_missing",
      message: `${step.fileName} is an OpenPGP message, but project ${step.project} of ${step.client} has no key of its own to open it. Make or import one (inlet keys generate, inlet keys import), then retry.`,
    });
  }
  if (signature === "require" && theirs.verification.length === 0) {
    throw new Misconfigured({
      code: "pgp_client_key_missing",
      message: `The signature of ${step.fileName} has to be verified, but project ${step.project} of ${step.client} has no public key of the client's. Import it (inlet keys import), then retry.`,
    });
  }
  const message = await unwrap(reader, {
    limits,
    signal,
    pgp: { privateKeys: ours.all, publicKeys: theirs.verification, signature },
  });
  if (message.kind !== "pgp") {
    throw new InvariantBroken({
      code: "container_differs",
      message: `${step.fileName} was an OpenPGP message before.`,
    });
  }
  const { head, chunks } = await peek(message.open());
  // What is a container again is thrown away in the end; an attempt that was thought dead must not do that to the next.
  const isPlain = identify(head, Number.MAX_SAFE_INTEGER) === "plain";
  const key = isPlain ? `${step.client}/${step.batchId}/plain` : await attemptsKey(blobs, step, "decrypted");
  const artifact = await storeInner(blobs, { key, name: "", chunks }, work);
  return { artifact: { ...artifact, name: plainName(step.fileName, message.name()) }, signedBy: message.signedBy() };
}

const DATA_EXTENSION = /\.(csv|tsv|txt|dat)$/i;

/** The data file's own name: the outer one where that tells the kind of file, else the one inside. */
function plainName(fileName: string, inside: string | null): string {
  const outside = withoutWrapping(fileName);
  return DATA_EXTENSION.test(outside) || inside === null ? outside : inside;
}

interface Peeked {
  head: Buffer;
  /** All of them, those of the head too. */
  chunks: AsyncIterable<Uint8Array>;
}

/** Looks at the first bytes of a stream. */
async function peek(source: AsyncIterable<Uint8Array>): Promise<Peeked> {
  const iterator = source[Symbol.asyncIterator]();
  const first: Buffer[] = [];
  let bytes = 0;
  let isOver = false;
  while (bytes < MAGIC_BYTES) {
    const next = await iterator.next();
    if (next.done) {
      isOver = true;
      break;
    }
    first.push(Buffer.from(next.value));
    bytes += next.value.length;
  }
  async function* chunks() {
    try {
      yield* first;
      while (!isOver) {
        const next = await iterator.next();
        if (next.done) return;
        yield next.value;
      }
    } finally {
      if (!isOver) await iterator.return?.();
    }
  }
  return { head: Buffer.concat(first), chunks: chunks() };
}
