import type { UnwrapLimits } from "./limits.ts";
import { containerInWords, identify, MAGIC_BYTES } from "./magic.ts";
import { notEncrypted } from "./pgp/head.ts";
import { openMessage, type PgpKeys, type PgpMessage } from "./pgp/open.ts";
import type { RandomAccess } from "./random-access.ts";
import { refusal } from "./refusal.ts";
import { openZip, type Zipped } from "./zip/read.ts";

/** What a file may be opened with. */
export interface UnwrapOptions {
  limits: UnwrapLimits;
  signal?: AbortSignal;
  /** For OpenPGP messages. Without, they are refused. */
  pgp?: PgpKeys;
  /** Of the client's ZIP files. A ZIP without a password is opened all the same. */
  zipPassword?: string;
}

/** What a received file is: the client's own bytes as they are, or wrapped in something that was opened. */
export type Unwrapped = { kind: "plain" } | ({ kind: "pgp" } & PgpMessage) | ({ kind: "zip" } & Zipped);

/**
 * Looks what a received file is, by its bytes and never by its name, and opens what can be opened: one layer. What came out
 * of an OpenPGP message may be a ZIP, which a second call opens.
 * @throws InvalidInput for a container that is not accepted or not sound.
 */
export async function unwrap(file: RandomAccess, options: UnwrapOptions): Promise<Unwrapped> {
  const container = identify(await file.read(0, MAGIC_BYTES), file.sizeBytes);
  switch (container) {
    case "plain":
      return { kind: "plain" };
    case "zip": {
      const { limits, zipPassword: password, signal } = options;
      return { kind: "zip", ...(await openZip(file, { limits, password, signal })) };
    }
    case "PGP message": {
      const { limits, pgp: keys, signal } = options;
      const isArmoured = ((await file.read(0, 1))[0]! & 0x80) === 0 || isMarked(await file.read(0, 3));
      return { kind: "pgp", ...(await openMessage(file, { isArmoured, keys, limits, signal })) };
    }
    case "PGP signed text":
      throw notEncrypted();
    case "PGP public key":
    case "PGP private key":
    case "PGP signature":
      throw refusal("pgp_no_message", NO_MESSAGE[container], { context: { container } });
    default:
      throw refusal(
        "container_unsupported",
        `The file is ${containerInWords(container)} file; send the data file itself (CSV, TSV, TXT, DAT), or in a ZIP.`,
        { context: { container } },
      );
  }
}

const NO_MESSAGE = {
  "PGP public key":
    "The file is an OpenPGP public key and no message; send keys to whoever sets up the project, and data files here.",
  "PGP private key":
    "The file is an OpenPGP PRIVATE key. Nobody should have it but you: take it back and replace that key. Send data files here.",
  "PGP signature":
    "The file is an OpenPGP signature without its data; sign and encrypt the data file into one message (gpg --sign --encrypt).",
};

/** A byte order mark in front of an armour; an OpenPGP packet cannot begin so. */
const isMarked = (head: Uint8Array) => head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf;
