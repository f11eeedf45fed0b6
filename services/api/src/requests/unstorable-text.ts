/**
 * Where a value holds a text, or a name, that PostgreSQL has no place for: with U+0000 in it, or with half of a surrogate
 * pair, which JSON can write and UTF-8 cannot. Undefined: nowhere. The value is JSON, or a query: it has an end.
 */
export function unstorableText(value: unknown): (string | number)[] | undefined {
  if (typeof value === "string") return isStorable(value) ? undefined : [];
  if (typeof value !== "object" || value === null) return undefined;
  for (const [key, each] of Object.entries(value)) {
    if (!isStorable(key)) return [];
    const within = unstorableText(each);
    if (within !== undefined) return [Array.isArray(value) ? Number(key) : key, ...within];
  }
  return undefined;
}

const isStorable = (text: string) => !text.includes("\0") && text.isWellFormed();
