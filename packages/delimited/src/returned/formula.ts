/**
 * First characters by which a spreadsheet takes a cell for a formula (OWASP, "CSV Injection"), full-width forms included,
 * and the apostrophe itself, so that the escape can be undone exactly.
 */
const DANGEROUS = /^[=+\-@\t\r\n'\uff1d\uff0b\uff0d\uff20]/;

/** Makes a text harmless in a spreadsheet: an apostrophe before what might be read as a formula. */
export function escapeFormula(text: string): string {
  return DANGEROUS.test(text) ? `'${text}` : text;
}

/**
 * Undoes {@link escapeFormula}, exactly. An apostrophe that no escape has put there stays: somebody who mends a cell and
 * types `'t Hooft` means it.
 */
export function unescapeFormula(text: string): string {
  if (!text.startsWith("'")) return text;
  const rest = text.slice(1);
  return DANGEROUS.test(rest) ? rest : text;
}
