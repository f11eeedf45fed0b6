// OData as the Service Layer speaks it, as far as the connector and people's own filters need it: `$filter`, `$orderby`,
// `$select`. Written from SAP's manual, and apart from the connector, so that a mistake there is no mistake here as well.

export type Row = Readonly<Record<string, unknown>>;

/** What is wrong with a question. */
export class ODataRefusal extends Error {}

interface Token {
  kind: "word" | "string" | "number" | "date" | "open" | "close" | "comma";
  text: string;
}

type Predicate = (row: Row) => boolean;
type Value = string | number | null;

const TOKENS =
  /\s*(?:(datetime'[^']*')|('(?:[^']|'')*')|(\d{4}-\d\d-\d\d(?:T[\d:.]+Z?)?)|(-?\d+(?:\.\d+)?)|([A-Za-z_][A-Za-z0-9_]*)|([()])|(,))/y;

/** What the parts of a filter are compared with, for lists that are in the order of their key. */
export interface Filter {
  matches: Predicate;
  /** `key gt value` that holds for all that match. */
  greaterThan?: { name: string; value: Value };
}

/** @throws ODataRefusal when it can't be read, or names what rows do not have */
export function parseFilter(text: string, names: ReadonlySet<string>, version: 1 | 2): Filter {
  const tokens = tokensOf(text, version);
  let at = 0;
  let depth = 0;
  let greaterThan: Filter["greaterThan"];
  let orSeen = false;

  const next = () => tokens[at];
  const take = (kind?: Token["kind"]) => {
    const token = tokens[at];
    if (token === undefined || (kind !== undefined && token.kind !== kind)) throw new ODataRefusal(syntaxAt(token));
    at += 1;
    return token;
  };
  const isWord = (word: string) => next()?.kind === "word" && next()?.text === word;

  function either(): Predicate {
    let left = both();
    while (isWord("or")) {
      take();
      orSeen ||= depth === 0;
      const [first, second] = [left, both()];
      left = (row) => first(row) || second(row);
    }
    return left;
  }
  function both(): Predicate {
    let left = single();
    while (isWord("and")) {
      take();
      const [first, second] = [left, single()];
      left = (row) => first(row) && second(row);
    }
    return left;
  }
  function single(): Predicate {
    if (isWord("not")) {
      take();
      depth += 1;
      const inner = single();
      depth -= 1;
      return (row) => !inner(row);
    }
    if (next()?.kind === "open") {
      take();
      depth += 1;
      const inner = either();
      depth -= 1;
      take("close");
      return inner;
    }
    const name = take("word").text;
    return next()?.kind === "open" ? call(name) : comparison(name);
  }
  function call(name: string): Predicate {
    const functions =
      version === 1 ? ["startswith", "endswith", "substringof"] : ["startswith", "endswith", "contains"];
    if (!functions.includes(name)) throw new ODataRefusal(`Invalid function '${name}'`);
    take("open");
    const first = take();
    take("comma");
    const second = take();
    take("close");
    const [field, sought] = name === "substringof" ? [second, first] : [first, second];
    known(field.text);
    const part = String(literal(sought));
    const textOf = (row: Row) => String(row[field.text] ?? "");
    if (name === "startswith") return (row) => textOf(row).startsWith(part);
    if (name === "endswith") return (row) => textOf(row).endsWith(part);
    return (row) => textOf(row).includes(part);
  }
  function comparison(name: string): Predicate {
    known(name);
    const operator = take("word").text;
    const value = literal(take());
    if (operator === "gt" && depth === 0) greaterThan = { name, value };
    switch (operator) {
      case "eq":
        return (row) => compared(row[name], value) === 0;
      case "ne":
        return (row) => compared(row[name], value) !== 0;
      case "gt":
        return (row) => compared(row[name], value) > 0;
      case "ge":
        return (row) => compared(row[name], value) >= 0;
      case "lt":
        return (row) => compared(row[name], value) < 0;
      case "le":
        return (row) => compared(row[name], value) <= 0;
      default:
        throw new ODataRefusal(`Invalid operator '${operator}'`);
    }
  }
  function known(name: string): void {
    if (!names.has(name)) throw new ODataRefusal(`Property '${name}' is invalid`);
  }

  const matches = either();
  if (at < tokens.length) throw new ODataRefusal(syntaxAt(tokens[at]));
  return { matches, ...(greaterThan && !orSeen && { greaterThan }) };
}

function tokensOf(text: string, version: 1 | 2): Token[] {
  const tokens: Token[] = [];
  TOKENS.lastIndex = 0;
  while (TOKENS.lastIndex < text.trimEnd().length) {
    const match = TOKENS.exec(text);
    if (match === null) throw new ODataRefusal("Invalid filter expression");
    const [, datetime, string, date, number, word, bracket] = match;
    if (datetime !== undefined) {
      // Edm.DateTime and its literal went with OData 4.
      if (version === 2) throw new ODataRefusal("Invalid literal 'datetime'");
      tokens.push({ kind: "date", text: datetime.slice(9, -1) });
    } else if (string !== undefined) tokens.push({ kind: "string", text: string.slice(1, -1).replaceAll("''", "'") });
    else if (date !== undefined) tokens.push({ kind: "date", text: date });
    else if (number !== undefined) tokens.push({ kind: "number", text: number });
    else if (word !== undefined) tokens.push({ kind: "word", text: word });
    else if (bracket !== undefined) tokens.push({ kind: bracket === "(" ? "open" : "close", text: bracket });
    else tokens.push({ kind: "comma", text: "," });
  }
  return tokens;
}

const syntaxAt = (token: Token | undefined) => `Invalid filter expression near '${token?.text ?? "its end"}'`;

function literal({ kind, text }: Token): Value {
  if (kind === "number") return Number(text);
  if (kind === "string" || kind === "date") return text;
  if (kind === "word" && text.toLowerCase() === "null") return null;
  throw new ODataRefusal(`Invalid literal '${text}'`);
}

/** NaN: can't be compared, so that nothing but `ne` holds. Dates are compared by as much of them as the row has. */
export function compared(field: unknown, value: Value): number {
  if (field === null || field === undefined) return value === null ? 0 : Number.NaN;
  if (value === null) return Number.NaN;
  if (typeof field === "number") return typeof value === "number" ? field - value : Number.NaN;
  const [left, right] = [String(field), String(value)];
  if (typeof value === "number") return Number.NaN;
  const sought = /^\d{4}-\d\d-\d\d$/.test(left) ? right.slice(0, 10) : right;
  return left < sought ? -1 : left > sought ? 1 : 0;
}

/** By `A asc,B desc`. @throws ODataRefusal when it names what rows do not have */
export function orderOf(text: string, names: ReadonlySet<string>): (a: Row, b: Row) => number {
  const parts = text.split(",").map((part) => {
    const [name = "", direction = "asc"] = part.trim().split(/\s+/);
    if (!names.has(name)) throw new ODataRefusal(`Property '${name}' is invalid`);
    if (direction !== "asc" && direction !== "desc") throw new ODataRefusal(`Invalid direction '${direction}'`);
    return { name, sign: direction === "asc" ? 1 : -1 };
  });
  return (a, b) => {
    for (const { name, sign } of parts) {
      const order = ordered(a[name], b[name]);
      if (order !== 0) return sign * order;
    }
    return 0;
  };
}

/** Null comes before everything else, as HANA and SQL Server have it. */
function ordered(a: unknown, b: unknown): number {
  if (a == null || b == null) return Number(a != null) - Number(b != null);
  if (typeof a === "number" && typeof b === "number") return a - b;
  return String(a) < String(b) ? -1 : String(a) > String(b) ? 1 : 0;
}
