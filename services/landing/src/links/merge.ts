/** A stretch of merged text: the profile's own words, or a recipient's value. */
export interface Piece {
  text: string;
  /** It came from the client's file: it is shown apart from the words around it. */
  personal: boolean;
}

const PLACEHOLDER = /\{\{\s*([A-Za-z0-9_]+)\s*\}\}/g;

/**
 * Puts a recipient's values into a template with `{{column}}` placeholders. What is missing becomes nothing, and so does
 * the blank before it: "Hello {{name}}, …" reads "Hello, …".
 */
export function mergeTemplate(template: string, valueIn: (column: string) => string): Piece[] {
  const pieces: Piece[] = [];
  let from = 0;
  const addWords = (words: string) => {
    if (words !== "") pieces.push({ text: words, personal: false });
  };
  for (const match of template.matchAll(PLACEHOLDER)) {
    const value = valueIn(match[1]!);
    const words = template.slice(from, match.index);
    from = match.index + match[0].length;
    if (value !== "") {
      addWords(words);
      pieces.push({ text: value, personal: true });
      continue;
    }
    const blankAfter = /^(\s|[.,;:!?…)]|$)/.test(template.slice(from));
    const trimmed = blankAfter ? words.replace(/[^\S\n]+$/, "") : words;
    addWords(trimmed);
    // At the very beginning there is no blank before; then the one after goes.
    if (pieces.length === 0) from += /^[^\S\n]*/.exec(template.slice(from))![0].length;
  }
  addWords(template.slice(from));
  return pieces;
}

/** The merged text as one string. */
export function plainText(pieces: readonly Piece[]): string {
  return pieces
    .map(({ text }) => text)
    .join("")
    .trim();
}
