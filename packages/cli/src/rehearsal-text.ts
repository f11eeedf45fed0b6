import type { Rehearsal, RehearsalLine, RehearsalState } from "@inlet/contracts";
import { clock, count } from "./figures.ts";
import { wrapped } from "./table.ts";
import { printable, type Style, type Terminal } from "./terminal.ts";

const SYMBOLS: Readonly<Record<RehearsalState, readonly [symbol: string, style: Style]>> = {
  green: ["✓", "green"],
  warning: ["!", "yellow"],
  red: ["✗", "red"],
  waiting: ["…", "cyan"],
  not_needed: ["·", "dim"],
};
const TITLE_WIDTH = 16;
const INDENT = 4 + TITLE_WIDTH;
/** On a wide terminal sentences are not read more easily in longer lines. */
const MOST_WIDTH = 110;
const LEAST_WIDTH = 24;

/** A rehearsal as a person reads it: a line for each thing that was agreed on, and under it what to do. */
export function rehearsalText(rehearsal: Rehearsal, terminal: Terminal, now: Date): string[] {
  const { lines } = rehearsal;
  const needed = lines.filter(({ state }) => state !== "not_needed");
  return [
    ...heading(rehearsal, terminal, now),
    ...(lines.length === 0 ? [] : [""]),
    ...byTable(needed).flatMap(([table, ofTable]) => [
      ...(table === null ? [] : [`  ${terminal.paint("dim", printable(table))}`]),
      ...ofTable.flatMap((line) => lineText(line, terminal)),
    ]),
    ...notNeeded(lines, terminal),
    ...(lines.length === 0 ? [] : ["", ...conclusion(rehearsal, terminal)]),
  ];
}

/** The same for a terminal of so many rows: what is as agreed gives way to what is not. */
export function rehearsalTextIn(rows: number, rehearsal: Rehearsal, terminal: Terminal, now: Date): string[] {
  const whole = rehearsalText(rehearsal, terminal, now);
  if (whole.length < rows) return whole;
  const open = rehearsal.lines.filter(({ state }) => state === "red" || state === "waiting");
  return rehearsalText({ ...rehearsal, lines: open }, terminal, now).slice(0, Math.max(1, rows - 1));
}

function heading(
  { client, project, state, since, liveAt, lines }: Rehearsal,
  { paint, columns }: Terminal,
  now: Date,
): string[] {
  const name = `${client}/${project}`;
  const at = (time: string | null) => (time === null ? "" : ` since ${clock(time, now)}`);
  const words =
    state === "rehearsal"
      ? `in rehearsal${at(since)}: nothing of it reaches its tables`
      : lines.length === 0
        ? `live${at(liveAt)}, and never rehearsed`
        : `live${at(liveAt)}; what was seen of its rehearsal`;
  return wrapped(`${name}  ${words}`, columns).map((text) =>
    text
      .replace(name, paint("bold", name))
      .replace(/ (in rehearsal|live)\b/, (found) => paint(state === "live" ? "green" : "yellow", found)),
  );
}

function byTable(lines: readonly RehearsalLine[]): [string | null, RehearsalLine[]][] {
  const groups: [string | null, RehearsalLine[]][] = [];
  for (const line of lines) {
    const last = groups.at(-1);
    if (last?.[0] === line.table) last[1].push(line);
    else groups.push([line.table, [line]]);
  }
  return groups;
}

function lineText({ title, state, found, expected, whatToDo }: RehearsalLine, { paint, columns }: Terminal): string[] {
  const [symbol, style] = SYMBOLS[state];
  const room = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, columns) - INDENT - 1);
  const words = found ?? (expected === null ? "not yet" : `not yet: ${expected}`);
  const said = wrapped(printable(words), room).map((text) => (state === "waiting" ? paint("dim", text) : text));
  const isWanted = expected !== null && found !== null && state !== "green" && state !== "waiting";
  const wanted = isWanted ? wrapped(printable(`expected: ${expected}`), room).map((text) => paint("dim", text)) : [];
  const advice = (whatToDo === null ? [] : wrapped(printable(whatToDo), room - 2)).map(
    (text, index) => `${index === 0 ? "→" : " "} ${state === "red" ? paint("bold", text) : text}`,
  );
  const pad = " ".repeat(INDENT);
  const [first = "", ...rest] = [...said, ...wanted, ...advice];
  return [
    `  ${paint(style, symbol)} ${printable(title).padEnd(TITLE_WIDTH)}${first}`,
    ...rest.map((text) => pad + text),
  ];
}

function notNeeded(lines: readonly RehearsalLine[], { paint, columns }: Terminal): string[] {
  const titles = [...new Set(lines.filter(({ state }) => state === "not_needed").map(({ title }) => title))];
  if (titles.length === 0) return [];
  const room = Math.max(LEAST_WIDTH, Math.min(MOST_WIDTH, columns) - 5);
  return wrapped(`not needed: ${titles.join(", ")}`, room).map((text, index) =>
    paint("dim", `  ${index === 0 ? "·" : " "} ${text}`),
  );
}

function conclusion({ client, project, state, passed, lines }: Rehearsal, { paint, columns }: Terminal): string[] {
  if (state === "live") return [];
  const name = `${client}/${project}`;
  if (passed) {
    const words = `Passed. \`inlet go-live --project ${name}\` makes its files real.`;
    return wrapped(words, columns).map((text) => text.replace(/^Passed\./, (found) => paint("green", found)));
  }
  const of = (wanted: RehearsalState) => lines.filter((line) => line.state === wanted).length;
  const [toMend, toSee] = [of("red"), of("waiting")];
  const parts = [
    ...(toMend > 0 ? [paint("red", `${count(toMend, "thing")} to mend`)] : []),
    ...(toSee > 0 ? [`${count(toSee, "thing")} to be seen`] : []),
  ];
  return [`Not passed yet: ${parts.join(", ")}.`];
}
