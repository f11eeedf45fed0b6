/**
 * Reads a structured field value (RFC 5322, 3.2) from left to right: comments and blanks between the words, quoted strings
 * as one word. What it cannot read it says so, and never guesses.
 */
export class StructuredValue {
  readonly #text: string;
  #at = 0;

  constructor(text: string) {
    this.#text = text;
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#text.length;
  }

  /**
   * Passes blanks and comments, which nest.
   * @returns false when a comment does not end, or ends within quotes: then somebody's quoted text has ended it
   */
  skipBlanks(): boolean {
    for (;;) {
      while (/[ \t]/.test(this.#text[this.#at] ?? "")) this.#at += 1;
      if (this.#text[this.#at] !== "(") return true;
      let depth = 0;
      let isQuoting = false;
      do {
        const char = this.#text[this.#at];
        if (char === undefined) return false;
        if (char === "\\") this.#at += 1;
        else if (char === '"') isQuoting = !isQuoting;
        else if (char === "(") depth += 1;
        else if (char === ")") depth -= 1;
        this.#at += 1;
      } while (depth > 0);
      if (isQuoting) return false;
    }
  }

  /** Takes a character if it is the next one. */
  take(char: string): boolean {
    if (this.#text[this.#at] !== char) return false;
    this.#at += 1;
    return true;
  }

  /** Takes what a pattern (sticky) matches here. */
  match(pattern: RegExp): string | undefined {
    const sticky = new RegExp(pattern, "y");
    sticky.lastIndex = this.#at;
    const found = sticky.exec(this.#text)?.[0];
    if (found) this.#at += found.length;
    return found || undefined;
  }

  /** Takes a quoted string; undefined when there is none, or none that ends. */
  quoted(): string | undefined {
    const found = this.match(/"(?:[^"\\]|\\.)*"/);
    return found?.slice(1, -1).replace(/\\(.)/g, "$1");
  }
}
