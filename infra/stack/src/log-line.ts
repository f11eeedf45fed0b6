import { styleText } from "node:util";

/** How a line of the hub's log looks. */
export type LineStyle = { colour: boolean; nameWidth: number };

type Record = { level: number; time: string | number; msg?: string; [field: string]: unknown };
type Colour = Parameters<typeof styleText>[0];

/** Said on every line, and of no use to the person who reads. */
const HIDDEN = new Set(["level", "time", "msg", "pid", "hostname", "service", "v", "err", "name"]);
/** Readable on dark and on light; red and yellow are for levels. */
const COLOURS = [
  "cyan",
  "green",
  "magenta",
  "blue",
  "cyanBright",
  "greenBright",
  "magentaBright",
  "blueBright",
] as const;

/**
 * One line of a process as a person reads it: `12:03:04 validator  batch 42 checked  rows=20`.
 * A pino record (JSON with level and time) is laid out; any other line passes as it is.
 */
export function renderLine(name: string, line: string, { colour, nameWidth }: LineStyle): string {
  const paint = (style: Colour, text: string) => (colour ? styleText(style, text, { validateStream: false }) : text);
  const record = parseRecord(line);
  const head = `${paint("dim", clock(record?.time))} ${paint(colourOf(name), name.padEnd(nameWidth))}  `;
  if (!record) return head + line;
  const fields = Object.entries(record)
    .filter(([field, value]) => !HIDDEN.has(field) && value !== undefined && value !== null)
    .map(([field, value]) => `${paint("dim", `${field}=`)}${valueText(value)}`);
  const level = levelOf(record.level);
  const mark = level ? `${paint(level.style, level.word)} ` : "";
  const text = [mark + (record.msg ?? ""), ...fields].join("  ");
  const trouble = errorLines(record.err).map((detail) => `\n${" ".repeat(11 + nameWidth)}${paint("dim", detail)}`);
  return head + text + trouble.join("");
}

function parseRecord(line: string): Record | undefined {
  if (!line.startsWith("{")) return undefined;
  try {
    const value = JSON.parse(line);
    return typeof value.level === "number" && value.time !== undefined ? value : undefined;
  } catch {
    return undefined;
  }
}

function clock(time: string | number | undefined): string {
  const date = new Date(time ?? Date.now());
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => `${part}`.padStart(2, "0")).join(":");
}

function levelOf(level: number): { word: string; style: Colour } | undefined {
  if (level >= 60) return { word: "FATAL", style: ["bold", "red"] };
  if (level >= 50) return { word: "ERROR", style: "red" };
  if (level >= 40) return { word: "WARN", style: "yellow" };
  return level < 30 ? { word: "debug", style: "dim" } : undefined;
}

function valueText(value: unknown): string {
  if (typeof value === "string") return /[\s"=]/.test(value) || value === "" ? JSON.stringify(value) : value;
  return typeof value === "object" ? JSON.stringify(value) : String(value);
}

/** The message, and the stack below it without its first line, which repeats the message. */
function errorLines(err: unknown): string[] {
  if (typeof err !== "object" || err === null) return err === undefined ? [] : [String(err)];
  const { message, code, stack } = err as { message?: string; code?: string; stack?: string };
  const frames = (stack ?? "").split("\n").filter((frame) => /^\s+at /.test(frame));
  return [`${code ? `${code}: ` : ""}${message ?? ""}`, ...frames.slice(0, 6).map((frame) => `  ${frame.trim()}`)];
}

/** The same colour for the same name in every run; copies of a service share it. */
function colourOf(name: string): Colour {
  const base = name.replace(/#\d+$/, "");
  let hash = 0;
  for (const character of base) hash = (hash * 31 + character.charCodeAt(0)) >>> 0;
  return COLOURS[hash % COLOURS.length] ?? "cyan";
}
