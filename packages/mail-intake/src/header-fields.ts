/** A field of a message's header: its name in lower case, its value unfolded. Bytes are read as Latin-1. */
export interface HeaderField {
  name: string;
  value: string;
}

/** RFC 5322, 2.2: printable ASCII but the colon; 4.5 allows blanks before the colon. */
const FIELD = /^([!-9;-~]+)[ \t]*:(.*)$/s;

/**
 * The fields of a message's header, topmost first. Undefined when it is no header that every program reads alike: whoever
 * judges a message must not see another one than those that come after.
 */
export function readHeaderFields(header: Buffer): HeaderField[] | undefined {
  const text = header.toString("latin1").replaceAll("\r\n", "\n");
  const end = text.startsWith("\n") ? 0 : text.indexOf("\n\n");
  const lines = (end === -1 ? text.replace(/\n$/, "") : text.slice(0, end)).split("\n");
  if (/[\r\0]/.test(lines.join(""))) return undefined;
  const fields: HeaderField[] = [];
  for (const line of lines) {
    const last = fields.at(-1);
    if (/^[ \t]/.test(line)) {
      if (last === undefined) return undefined;
      last.value += line;
      continue;
    }
    const [, name, value] = FIELD.exec(line) ?? [];
    if (name === undefined || value === undefined) return undefined;
    fields.push({ name: name.toLowerCase(), value });
  }
  return fields;
}
