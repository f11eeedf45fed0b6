/** HTML that needs no more escaping. Made by {@link html} alone. */
export class Html {
  readonly markup: string;
  constructor(markup: string) {
    this.markup = markup;
  }
}

type Part = Html | string | number | undefined | readonly Part[];

/**
 * A template literal that escapes whatever is put into it, so that forgetting to is not possible. Lists are joined;
 * undefined is nothing. For element content and quoted attributes; never inside <script> or <style>.
 */
export function html(literals: TemplateStringsArray, ...parts: Part[]): Html {
  let markup = literals[0]!;
  parts.forEach((part, index) => {
    markup += render(part) + literals[index + 1]!;
  });
  return new Html(markup);
}

/** Text that is ours, such as a style sheet: taken as it stands. */
export function trusted(markup: string): Html {
  return new Html(markup);
}

function render(part: Part): string {
  if (part === undefined) return "";
  if (part instanceof Html) return part.markup;
  if (Array.isArray(part)) return part.map(render).join("");
  return escapeHtml(String(part));
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as it stands in element content and quoted attributes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character]!);
}
