import type { Blobs } from "@inlet/blobs";
import { AppError, InvalidInput, InvariantBroken } from "@inlet/contracts";
import { type Database, listPgpKeys } from "@inlet/database";
import { identify, MAGIC_BYTES, type RandomAccess, type UnwrapLimits, unwrap, type ZippedFile } from "@inlet/envelope";
import { readZipPassword } from "@inlet/pipeline";
import { decrypt } from "./decrypt.ts";
import { type Plain, storeInner } from "./plain.ts";
import type { OpeningParts, SentWork } from "./sent-work.ts";

/** What a file came in; kept with its check's result, where the rehearsal finds it. */
export interface CameIn {
  /** In an OpenPGP message. */
  pgp: boolean;
  /** The fingerprint of the client's key that signed the message; null: not signed, or by an unknown key. */
  signedBy: string | null;
  /** In a ZIP. */
  zip: boolean;
  /** With the agreed password. */
  zipEncrypted: boolean;
}

const AS_IT_IS: CameIn = { pgp: false, signedBy: null, zip: false, zipEncrypted: false };

/** What was sent, out of whatever it came in: one data file, or several. Close what is not handed on. */
export type Sent = { cameIn: CameIn } & (
  | { kind: "file"; plain: Plain }
  | { kind: "files"; files: readonly ZippedFile[]; close(): Promise<void> }
);

/**
 * Opens what was sent: the file as it is, or out of a ZIP, an OpenPGP message, or a ZIP in one. A file that came as it is
 * shares its source's blob; any other gets one of its own, because the check and the stages after it read it more than once.
 * Keys and passwords are read when there is something to open with them, and not before.
 * @throws InvalidInput when it came in what is not accepted or not sound, or not in what is asked for; Misconfigured while
 *   a key or a password is missing
 */
export async function openSent(deps: OpeningParts, work: SentWork): Promise<Sent> {
  const { step, profile } = work;
  const { source } = step.artifacts;
  if (source === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no source file.` });
  }
  const plain: Plain = {
    reader: await deps.blobs.open(source.blobKey),
    artifact: { ...source, kind: "plain", sha256: Buffer.from(source.sha256, "hex") },
  };
  try {
    // It was judged as part of what it came in.
    if (step.partOf !== null) return { kind: "file", plain, cameIn: AS_IT_IS };
    const limits = { totalBytes: mostBytes(work) };
    const container = await containerOf(plain.reader);
    if (container === "PGP message") return await openMessage(deps, work, plain, limits);
    // What is of OpenPGP and no message has reasons of its own.
    if (profile.incoming.pgp === "require" && !container.startsWith("PGP "))
      throw await pgpMissing(deps.database, work);
    return await openZipOrPlain(deps, work, { plain, limits, cameIn: AS_IT_IS });
  } catch (error) {
    await plain.reader.close();
    throw error;
  }
}

const containerOf = async (file: RandomAccess) => identify(await file.read(0, MAGIC_BYTES), file.sizeBytes);

/** What the table's file may have at most; of any table, while it is not known. */
function mostBytes({ table, profile }: SentWork): number {
  return Math.max(...(table === null ? profile.tables : [table]).map(({ limits }) => limits.totalBytes));
}

async function openMessage(deps: OpeningParts, work: SentWork, { reader }: Plain, limits: UnwrapLimits): Promise<Sent> {
  const { artifact, signedBy } = await decrypt(deps, reader, { work, limits });
  await reader.close();
  const plain = { reader: await deps.blobs.open(artifact.blobKey), artifact };
  try {
    if ((await containerOf(plain.reader)) === "PGP message") {
      throw new InvalidInput({
        code: "pgp_layers",
        message: `${work.step.fileName} is an OpenPGP message in an OpenPGP message; encrypt the data file itself, once, and send it again.`,
      });
    }
    return await openZipOrPlain(deps, work, { plain, limits, cameIn: { ...AS_IT_IS, pgp: true, signedBy } });
  } catch (error) {
    await closeOwn(deps.blobs, work, plain);
    throw error;
  }
}

interface Opening {
  plain: Plain;
  limits: UnwrapLimits;
  cameIn: CameIn;
}

/** Opens what is no OpenPGP message, or was in one. */
async function openZipOrPlain(deps: OpeningParts, work: SentWork, { plain, limits, cameIn }: Opening): Promise<Sent> {
  const { step, profile, signal } = work;
  const isRequired = profile.incoming.zip.encryption === "require";
  const opened = await openWithPassword(deps, work, (password) =>
    unwrap(plain.reader, { limits, signal, ...(password !== undefined && { zipPassword: password }) }),
  );
  if (opened.kind === "pgp") {
    throw new InvariantBroken({
      code: "container_differs",
      message: `${step.fileName} was no OpenPGP message before.`,
    });
  }
  if (isRequired && !(opened.kind === "zip" && opened.isEncrypted)) throw zipEncryptionMissing(work);
  if (opened.kind === "plain") return { kind: "file", plain, cameIn };
  const how: CameIn = { ...cameIn, zip: true, zipEncrypted: opened.isEncrypted };
  const close = () => closeOwn(deps.blobs, work, plain);
  const [file, second] = opened.files;
  if (file === undefined || second !== undefined) return { kind: "files", files: opened.files, cameIn: how, close };
  const key = `${step.client}/${step.batchId}/plain`;
  const artifact = await storeInner(deps.blobs, { key, name: file.name, chunks: file.open() }, work);
  const inner = { reader: await deps.blobs.open(artifact.blobKey), artifact };
  await close();
  return { kind: "file", plain: inner, cameIn: how };
}

/** Closes a container; one out of another one was a blob of this attempt's own, which nobody needs any more. */
async function closeOwn(blobs: Blobs, { step }: SentWork, { reader, artifact }: Plain): Promise<void> {
  await reader.close();
  if (artifact.blobKey.endsWith(`/decrypted-${step.epoch}`)) await blobs.remove(artifact.blobKey);
}

/** Opens without the password of the client's ZIP files first: most files need none. */
async function openWithPassword<T>(
  { database, keyEncryptionKey }: OpeningParts,
  { step, profile }: SentWork,
  open: (password: string | undefined) => Promise<T>,
): Promise<T> {
  const { password: name } = profile.incoming.zip;
  try {
    return await open(undefined);
  } catch (error) {
    if (!(error instanceof AppError) || error.code !== "zip_password_missing" || name === undefined) throw error;
  }
  return await open(await readZipPassword(database, keyEncryptionKey, { ...step, name }));
}

async function pgpMissing(database: Database, { step }: SentWork): Promise<InvalidInput> {
  const keys = await listPgpKeys(database, step.projectId);
  const ours = keys.find(({ owner, state }) => owner === "ours" && state === "active");
  const key = ours ? `key ${ours.fingerprint.toUpperCase()}` : "our key";
  return new InvalidInput({
    code: "pgp_missing",
    message: `${step.fileName} must be encrypted with OpenPGP to ${key}. Nothing was imported. Encrypt it and send it again.`,
  });
}

const zipEncryptionMissing = ({ step }: SentWork) =>
  new InvalidInput({
    code: "zip_encryption_missing",
    message: `${step.fileName} must come in a ZIP that is protected with the agreed password. Nothing was imported. Make such a ZIP of the data file and send it again.`,
  });
