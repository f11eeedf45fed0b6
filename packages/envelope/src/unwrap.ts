import type { UnwrapLimits } from "./limits.ts";
import { containerInWords, identify, MAGIC_BYTES } from "./magic.ts";
import type { RandomAccess } from "./random-access.ts";
import { refusal } from "./refusal.ts";
import { openZip, type Zipped } from "./zip/read.ts";

/** What a file may be opened with. */
export interface UnwrapOptions {
  limits: UnwrapLimits;
  signal?: AbortSignal;
  /** For OpenPGP messages. Without, they are refused. */
  pgp?: {
    /** Ours, armoured and unlocked: the active one and those that were retired. */
    privateKeys: readonly string[];
    /** The client's, armoured: signatures are verified against them. */
    publicKeys: readonly string[];
    /** Whether a message without a signature by one of `publicKeys` is refused. One that does not hold always is. */
    signature: "accept" | "require";
  };
  /** Of the client's ZIP files. A ZIP without a password is opened all the same. */
  zipPassword?: string;
}

/** An OpenPGP message that is encrypted to one of our keys. */
export interface PgpMessage {
  /**
   * Streams what the message holds; memory stays bounded. It is proved at the END alone that nobody tampered with it and
   * that its signature holds: keep what was read in quarantine until then.
   * @throws InvalidInput
   */
  open(): AsyncIterable<Uint8Array>;
  /** The file name within, without any folder: never a path to write to. Null when there is none; to be asked after the end. */
  name(): string | null;
  /**
   * The fingerprint (of the primary key, hexadecimal, upper case) of the client's key that signed, to be asked after the
   * end. Null: not signed, or by a key that is not among `publicKeys`, which mode `accept` takes.
   */
  signedBy(): string | null;
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
    default:
      throw refusal(
        "container_unsupported",
        `The file is ${containerInWords(container)} file; send the data file itself (CSV, TSV, TXT, DAT), or in a ZIP.`,
        { context: { container } },
      );
  }
}
