/** A code as words: `not_a_date` → `Not a date`. */
export function codeText(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
