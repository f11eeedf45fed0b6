import type { Links } from "@inlet/contracts";

/** What a wrapping adds to a name, whatever is inside. */
const WRAPPING = /\.(zip|pgp|gpg)$/i;
/** An extension is short and plain; anything else after a dot belongs to the name. */
const EXTENSION = /\.[A-Za-z0-9]{1,10}$/;
/** The longest file name of the usual file systems, in bytes. */
const MAX_NAME_BYTES = 255;

interface Names {
  /** The name under which the client sent the file. */
  fileName: string;
  /** The name of the unwrapped file: for a ZIP the entry inside, else the same. */
  plainName: string;
}

/**
 * The result file's name: `<prefix><original name><suffix>.<original extension>`. For a wrapped file the
 * name is the wrapping's and the extension the inner file's: `spring.zip` with `rows.csv` inside gives `PURL_spring.csv`.
 */
export function resultName(
  { fileName, plainName }: Names,
  { prefix, suffix }: Pick<Links, "prefix" | "suffix">,
): string {
  let name = fileName;
  while (WRAPPING.test(name)) name = name.replace(WRAPPING, "");
  const own = EXTENSION.exec(name)?.[0] ?? "";
  const inner = WRAPPING.test(plainName) ? "" : (EXTENSION.exec(plainName)?.[0] ?? "");
  const wrapped = name !== fileName;
  // `spring.csv.zip`: the name holds the inner extension already. `spring.v2.zip`: `.v2` is part of the name.
  const stem = !wrapped || own.toLowerCase() === inner.toLowerCase() ? name.slice(0, name.length - own.length) : name;
  const extension = wrapped ? inner || own : own;
  return fit(prefix + stem, suffix + extension);
}

/** Cuts the beginning so that the whole fits into a file system's name; whole characters only. */
function fit(start: string, end: string): string {
  const room = MAX_NAME_BYTES - Buffer.byteLength(end);
  if (Buffer.byteLength(start) <= room) return start + end;
  let kept = "";
  let bytes = 0;
  for (const character of start) {
    bytes += Buffer.byteLength(character);
    if (bytes > room) break;
    kept += character;
  }
  return kept + end;
}
