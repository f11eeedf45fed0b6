/** What an OpenPGP message is called; a ZIP may be in it, and nothing is round it. */
const PGP = String.raw`\.(?:pgp|gpg|asc)`;

/** What may stand behind a data file's name for what it came wrapped in: `.zip`, `.pgp`, `.zip.gpg`. Source of a RegExp. */
export const WRAPPING = String.raw`(?:\.zip(?:${PGP})?|${PGP})`;

const WRAPPED = new RegExp(`(?<=.)${WRAPPING}$`, "i");
const ANY_WRAPPING = new RegExp(`(?<=.)(?:\\.zip|${PGP})$`, "i");

/** Whether a name is that of a ZIP or an OpenPGP message: what is in it may have another name. */
export function isContainerName(fileName: string): boolean {
  return WRAPPED.test(fileName);
}

/** A file's name without what it came wrapped in: `store.tsv.zip.gpg` is `store.tsv`, `data.pgp` is `data`. */
export function withoutWrapping(fileName: string): string {
  let name = fileName;
  while (ANY_WRAPPING.test(name)) name = name.replace(ANY_WRAPPING, "");
  return name;
}
