/** What is round the data file's own name. */
const WRAPPING = /\.zip$/i;
const EXTENSION = /\.(csv|tsv|txt|dat)$/i;

/**
 * The error file's name: `sales.csv` → `sales.errors.csv`, `store.tsv.zip` → `store.errors.tsv`. It is written with the
 * client's delimiter, so it keeps the client's extension.
 * @param plainName the data file's own name, which differs for a file that came in a ZIP.
 */
export function errorFileName(fileName: string, plainName: string): string {
  const name = fileName.replace(WRAPPING, "");
  const extension = EXTENSION.exec(plainName)?.[0] ?? EXTENSION.exec(name)?.[0] ?? ".csv";
  return `${name.replace(EXTENSION, "")}.errors${extension}`;
}
