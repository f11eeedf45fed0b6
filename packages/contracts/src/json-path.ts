/**
 * The names on the way to a value: those of `data.items` are `data` and `items`. `\.` is a dot inside a name, `\\` a backslash.
 */
export function jsonPathNames(path: string): string[] {
  const names = [""];
  for (const [piece] of path.matchAll(/\\[.\\]|./gsu)) {
    if (piece === ".") names.push("");
    else names[names.length - 1] += piece.length > 1 && piece[0] === "\\" ? piece.slice(1) : piece;
  }
  return names;
}

/** The path that these names make: what {@link jsonPathNames} takes apart. */
export function jsonPathOf(names: readonly string[]): string {
  return names.map((name) => name.replaceAll(/[.\\]/g, "\\$&")).join(".");
}
