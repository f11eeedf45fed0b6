/** Whether a cell has more than one line. A one-line field would take them together without a word. */
export const hasLines = (text: string): boolean => /[\r\n]/.test(text);

/** What was typed in a field, which ends lines with LF, with the line ends that the cell had before. */
export function withLineEndsOf(before: string, typed: string): string {
  const lineEnd = /\r\n?/.exec(before)?.[0];
  const isMixed = lineEnd !== undefined && hasLines(before.replaceAll(lineEnd, ""));
  return lineEnd === undefined || isMixed ? typed : typed.replaceAll("\n", lineEnd);
}
