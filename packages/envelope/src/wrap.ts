import { baseName } from "./base-name.ts";
import { held } from "./held-source.ts";
import { type AsPgp, wrapInPgp } from "./pgp/encrypt.ts";
import { type AsZip, wrapInZip } from "./zip/write.ts";

/** What a file that goes out is wrapped in. */
export type WrapAs = AsZip | AsPgp;

export interface WrapOptions {
  /** The data file's own name, as it is called inside. */
  name: string;
  /** Of the source, which is held to it. */
  sizeBytes: number;
  /** When the data was made: the only time that is written into the container, signatures apart. */
  modifiedAt: Date;
  as: WrapAs;
}

/**
 * Wraps a data file, streaming. An open ZIP comes out the same for the same input; what is encrypted never does (salts,
 * session keys, signing times): make it once and store it.
 * @throws Misconfigured when a key cannot be used; InvariantBroken when the source's size is not what was told; the source's
 *   own errors
 */
export async function* wrap(
  source: AsyncIterable<Uint8Array>,
  { name, sizeBytes, modifiedAt, as }: WrapOptions,
): AsyncGenerator<Uint8Array, void> {
  const whole = held(source, sizeBytes);
  const inside = { name: baseName(name), sizeBytes, modifiedAt };
  try {
    yield* as.as === "zip" ? wrapInZip(whole, { ...inside, as }) : wrapInPgp(whole, { ...inside, as });
  } finally {
    // The streams between do not tell the source that nobody reads on.
    await whole.return();
  }
}

/** What a wrapped file is called: `data.csv` becomes `data.zip`, `data.csv.gpg` or, armoured, `data.csv.asc`. */
export function wrappedName(name: string, as: Pick<WrapAs, "as"> & { armor?: boolean }): string {
  if (as.as === "pgp") return `${name}.${as.armor ? "asc" : "gpg"}`;
  return `${name.replace(/(?<=.)\.[^.]*$/, "")}.zip`;
}
