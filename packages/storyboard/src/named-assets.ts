/** Whether a storyboard may show an asset of this name. */
export type ShowsAsset = (name: string) => boolean;

/** The settings that name an asset, whatever they stand in. */
const NAMING: ReadonlySet<string> = new Set(["asset", "logo", "favicon"]);
/** What stands for a row's value in a name, such as `{{product}}.webp`. */
const PLACEHOLDER = /\{\{.*?\}\}/s;
/** No name is longer: what is longer is a mistake, and reading it would take time that grows with the square of its length. */
const MOST_CHARACTERS = 200;
/** No storyboard has as many. One that does may show anything. */
const MOST_TEMPLATES = 5_000;

/**
 * Finds out which assets a storyboard may show, also one that is not finished: it is read as JSON, not as a storyboard. A name
 * with placeholders may come to show every asset that it can become. Cases do not count, as they do not in films.
 */
export function namedAssets(document: unknown): ShowsAsset {
  const names = new Set<string>();
  const templates: (readonly string[])[] = [];
  const add = (choice: unknown) => {
    if (typeof choice !== "string" || choice.length > MOST_CHARACTERS) return;
    const [first, ...others] = choice.toLowerCase().split(PLACEHOLDER);
    if (others.length === 0) names.add(first!);
    else templates.push([first!, ...others]);
  };
  walk(document, (key, value) => {
    if (!NAMING.has(key)) return;
    add(value);
    if (isObject(value)) {
      add(value.name);
      add(value.fallback);
    }
  });
  if (templates.length > MOST_TEMPLATES) return () => true;
  return (name) => {
    const folded = name.toLowerCase();
    return names.has(folded) || templates.some((words) => canBecome(words, folded));
  };
}

/** Whether a name has these words in their order, with anything between. Linear, whoever wrote the words. */
function canBecome([first, ...others]: readonly string[], name: string): boolean {
  const last = others.pop()!;
  if (!name.startsWith(first!) || !name.endsWith(last)) return false;
  let at = first!.length;
  for (const word of others) {
    const found = name.indexOf(word, at);
    if (found === -1) return false;
    at = found + word.length;
  }
  return at <= name.length - last.length;
}

function walk(value: unknown, visit: (key: string, value: unknown) => void): void {
  if (Array.isArray(value)) for (const each of value) walk(each, visit);
  else if (isObject(value)) {
    for (const [key, each] of Object.entries(value)) {
      visit(key, each);
      walk(each, visit);
    }
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === "object" && value !== null && !Array.isArray(value);
