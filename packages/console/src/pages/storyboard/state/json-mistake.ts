/** Where a text stops being JSON, by its characters, and what was expected there. Undefined: it is JSON. */
export function jsonMistake(text: string): { at: number; message: string } | undefined {
  const scanner = new Scanner(text);
  try {
    scanner.skip();
    scanner.value();
    scanner.skip();
    if (scanner.at < text.length) scanner.fail("The text goes on after its end");
    return undefined;
  } catch (error) {
    if (error instanceof Mistake) return { at: error.at, message: error.message };
    throw error;
  }
}

class Mistake extends Error {
  readonly at: number;
  constructor(message: string, at: number) {
    super(message);
    this.at = at;
  }
}

const BLANK = /[\u0020\t\r\n]*/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y;
const STRING = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y;
const WORD = /true|false|null/y;

/** Reads JSON (RFC 8259) without keeping it. Browsers' own parsers do not all say where they stopped. */
class Scanner {
  at = 0;
  readonly #text: string;
  constructor(text: string) {
    this.#text = text;
  }

  skip(): void {
    this.#take(BLANK);
  }

  value(): void {
    const first = this.#text[this.at];
    if (first === "{") this.#list("}", () => this.#member());
    else if (first === "[") this.#list("]", () => this.value());
    else if (!this.#take(STRING) && !this.#take(NUMBER) && !this.#take(WORD)) {
      this.fail(first === '"' ? "A quoted text is not closed on its line" : "A value was expected here");
    }
  }

  fail(message: string): never {
    const ended = this.at >= this.#text.trimEnd().length;
    throw new Mistake(ended ? "The text ends too early: a bracket or a quote is missing." : `${message}.`, this.at);
  }

  #member(): void {
    if (!this.#take(STRING)) this.fail("A name in double quotes was expected here");
    this.skip();
    if (!this.#take(/:/y)) this.fail("A colon was expected here");
    this.skip();
    this.value();
  }

  #list(end: string, item: () => void): void {
    this.at += 1;
    this.skip();
    if (this.#text[this.at] === end) {
      this.at += 1;
      return;
    }
    for (;;) {
      item();
      this.skip();
      const next = this.#text[this.at];
      if (next !== "," && next !== end) this.fail(`A comma or ${end} was expected here`);
      const comma = this.at;
      this.at += 1;
      if (next === end) return;
      this.skip();
      if (this.#text[this.at] === end) {
        this.at = comma;
        this.fail("Nothing follows this comma: take it away");
      }
    }
  }

  #take(pattern: RegExp): boolean {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.#text);
    if (found !== null) this.at += found[0].length;
    return found !== null;
  }
}
