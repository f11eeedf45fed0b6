import { fitName, withoutWrapping } from "@inlet/contracts";

const EXTENSION = /\.(csv|tsv|txt|dat)$/i;

/**
 * The error file's name: `sales.csv` → `sales.errors.csv`, `store.tsv.zip.gpg` → `store.errors.tsv`. It is written with the
 * client's delimiter, so it keeps the client's extension.
 * @param plainName the data file's own name, which differs for a file that came in a ZIP or an OpenPGP message.
 */
export function errorFileName(fileName: string, plainName: string): string {
  const name = withoutWrapping(fileName);
  const extension = EXTENSION.exec(plainName)?.[0] ?? EXTENSION.exec(name)?.[0] ?? ".csv";
  return fitName(name.replace(EXTENSION, ""), `.errors${extension}`);
}
