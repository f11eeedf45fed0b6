/**
 * JSON that PostgreSQL can keep: `jsonb` takes neither the character NUL nor half a surrogate pair, and what strangers say may hold
 * either. They are shown as `␀` and `�`.
 */
export function storableJson(value: unknown): string {
  // Whole escapes one after another, so that the text `\\u0000`, which is a backslash and a word, stays.
  return JSON.stringify(value).replace(/\\(?:u0000|ud[89a-f][0-9a-f]{2}|.)/g, (escaped) => {
    if (escaped === "\\u0000") return "␀";
    return escaped.length > 2 ? "\ufffd" : escaped;
  });
}
