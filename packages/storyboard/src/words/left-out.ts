/** What follows an omitted value at a blank: the end, a blank, or a mark that closes. */
const BREAK_AFTER = /^(\s|[.,;:!?…)،؛؟]|$)/;
const BLANK_END = /[^\S\n]+$/;
/** Before a sentence's end the comma of an address goes as well: "Happy birthday, {{name}}!" reads "Happy birthday!" */
const SENTENCE_END = /^\s*([.!?…؟]|$)/;
const COMMA_END = /[,،]$/;
/** At the very beginning there is no blank before; then what would have followed the value goes. */
const AFTER_NOTHING = /^[^\S\n]*(?:[,;:!،؛]+[^\S\n]*)?/;

/** The author's words around a value that is left out, as films show them: "Hello, {{name}}!" reads "Hello!" */
export function leftOut(before: string, after: string): string {
  return before.trim() === "" ? before + afterNothing(after) : closedBefore(before, after) + after;
}

/** What comes after a value that is left out and that nothing stood before. */
export const afterNothing = (after: string): string => after.replace(AFTER_NOTHING, "");

/** What comes before a value that is left out, without the blank that led to it. */
export function closedBefore(before: string, after: string): string {
  if (!BREAK_AFTER.test(after)) return before;
  const closed = before.replace(BLANK_END, "");
  return SENTENCE_END.test(after) ? closed.replace(COMMA_END, "") : closed;
}
