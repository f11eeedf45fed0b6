/** PostgreSQL's text holds neither NUL nor half a surrogate pair: they are shown by their signs. */
export function storable(text: string): string {
  return text.replaceAll("\0", "\u2400").toWellFormed();
}
