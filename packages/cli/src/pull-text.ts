import type { FieldShapeView, PullDetail, PullOutcome, PullStates, PullSummary } from "@inlet/contracts";
import { clock, count, duration, figure } from "./figures.ts";
import { type Column, inLines, renderTable } from "./table.ts";
import { cut, printable, type Style, type Terminal, widthOf } from "./terminal.ts";

const STYLES: Readonly<Record<PullOutcome, Style>> = {
  waiting: "cyan",
  pulling: "cyan",
  importing: "cyan",
  imported: "green",
  unchanged: "green",
  stopped: "red",
  not_imported: "red",
  cancelled: "yellow",
  skipped: "yellow",
  probed: "green",
};

const WORDS: Readonly<Record<PullOutcome, string>> = {
  waiting: "waiting",
  pulling: "pulling",
  importing: "importing",
  imported: "imported",
  unchanged: "nothing new",
  stopped: "stopped",
  not_imported: "not imported",
  cancelled: "cancelled",
  skipped: "skipped",
  probed: "probed",
};

/** Whether nothing more becomes of a pull. */
export const hasEnded = ({ outcome }: Pick<PullSummary, "outcome">): boolean =>
  outcome !== "waiting" && outcome !== "pulling" && outcome !== "importing";

/** What came of a pull, for people. */
export const outcomeText = ({ outcome, rehearsal }: Pick<PullSummary, "outcome" | "rehearsal">): string =>
  outcome === "imported" && rehearsal ? "rehearsed" : WORDS[outcome];

/** Why a pull did not bring its rows into the table, and what to do; empty where it did. */
export function reasonText({ outcome, error, batch }: Pick<PullSummary, "outcome" | "error" | "batch">): string {
  if (outcome === "not_imported") return batch?.reason?.message ?? `Batch ${batch?.id} is ${batch?.status}.`;
  return error?.message ?? "";
}

/** Pulls as a table, newest first. */
export function pullTable(pulls: readonly PullSummary[], terminal: Terminal, now: Date): string[] {
  const columns: Column<PullSummary>[] = [
    { title: "PULL", text: ({ id }) => String(id), align: "right", paint: (_, cell) => terminal.paint("bold", cell) },
    { title: "ASKED", text: ({ askedAt }) => clock(askedAt, now) },
    { title: "BY", text: ({ trigger }) => (trigger.by === "schedule" ? "schedule" : (trigger.actor ?? "hand")) },
    { title: "TABLE", text: ({ table }) => table },
    { title: "OUTCOME", text: outcomeText, paint: ({ outcome }, cell) => terminal.paint(STYLES[outcome], cell) },
    { title: "EXPECTED", text: ({ expected }) => (expected === null ? "" : figure(expected)), align: "right" },
    { title: "RECEIVED", text: ({ received }) => figure(received), align: "right" },
    { title: "IMPORTED", text: importedText, align: "right" },
    { title: "BATCH", text: ({ batch }) => (batch === null ? "" : String(batch.id)), align: "right" },
    { title: "TOOK", text: tookText, align: "right", spare: true },
    { title: "REASON", text: reasonText, flexible: true },
  ];
  return renderTable(pulls, columns, terminal);
}

const importedText = ({ batch }: Pick<PullSummary, "batch">) => (batch?.imported == null ? "" : figure(batch.imported));
const tookText = ({ durationMs, endedAt }: PullSummary) =>
  durationMs === null || endedAt === null ? "" : duration(durationMs);

/** How a project's pulls stand, above the list of them. */
export function stateLines(state: PullStates, { paint }: Terminal, now: Date): string[] {
  const { client, project, system, monitored, recipients, schedule, circuit } = state;
  const zone = schedule.timezone === null ? "" : `, ${schedule.timezone}`;
  const due =
    schedule.words === null
      ? "pulled when somebody asks"
      : `${schedule.words}${zone}${schedule.nextDueAt === null ? "" : `, next ${clock(schedule.nextDueAt, now)}`}`;
  const told = recipients.length === 0 ? "nobody is told of a stop" : `a stop is told to ${recipients.join(", ")}`;
  return [
    `${paint("bold", `${client}/${project}`)}  ${system.connector}, ${printable(system.host)}`,
    `  ${schedule.paused === null ? due : `${schedule.words}; it rehearses, so nothing is due until it is live`}`,
    monitored ? `  monitored: all or nothing; ${printable(told)}` : paint("yellow", "  not monitored"),
    ...(circuit.state === "open"
      ? [
          paint(
            "red",
            `  left alone until ${clock(circuit.until!, now)}, after ${count(circuit.failures, "failure")} in a row: ${printable(circuit.error?.message ?? "")}`,
          ),
        ]
      : []),
    ...state.tables
      .filter(({ mode }) => mode === "incremental")
      .map(({ table, cursor }) => `  ${table}: what has changed since ${cursor === null ? "ever" : printable(cursor)}`),
  ];
}

const BAR_WIDTH = 20;

/** One pull that is under way, on a line that fits: how far it is, and how fast. */
export function progressLine(pull: PullSummary, tableWidth: number, { paint, columns }: Terminal): string {
  const name = pull.table.padEnd(tableWidth);
  const head = `  ${paint("bold", name)}  `;
  const room = columns - widthOf(`  ${name}  `);
  if (hasEnded(pull)) {
    const text = [countsText(pull), reasonText(pull)].filter((part) => part !== "").join("; ");
    const word = outcomeText(pull);
    return `${head}${paint(STYLES[pull.outcome], word)}  ${cut(printable(text), Math.max(0, room - word.length - 2))}`;
  }
  if (pull.outcome === "importing") {
    return `${head}${paint("cyan", `checked and imported as batch ${pull.batch?.id ?? "…"}`)}`;
  }
  if (pull.outcome === "waiting") {
    const why = pull.error === null ? "waits for its turn" : `tries again: ${pull.error.message}`;
    return `${head}${paint("dim", cut(printable(why), room))}`;
  }
  const { expected, received, durationMs, pages } = pull;
  const rate =
    durationMs !== null && durationMs > 1_000 ? `  ${figure(Math.round((received / durationMs) * 1_000))}/s` : "";
  const far = `${expected === null ? count(received, "item") : `${figure(received)} of ${count(expected, "item")}`}, ${count(pages, "page")}${rate}`;
  if (expected === null || room < BAR_WIDTH + far.length + 2) return `${head}${cut(far, room)}`;
  const filled = Math.round(Math.min(1, expected === 0 ? 1 : received / expected) * BAR_WIDTH);
  return `${head}${paint("cyan", "█".repeat(filled))}${paint("dim", "·".repeat(BAR_WIDTH - filled))}  ${far}`;
}

/** The figures that must be the same, as far as they are known. */
function countsText({ expected, received, batch, duplicates, outcome }: PullSummary): string {
  if (outcome === "unchanged" || outcome === "skipped") return "";
  const parts = [
    expected === null ? "" : `${figure(expected)} expected`,
    `${figure(received)} received`,
    batch?.imported == null ? "" : `${figure(batch.imported)} imported`,
    duplicates === 0 ? "" : count(duplicates, "duplicate"),
  ];
  return parts.filter((part) => part !== "").join(", ");
}

/** How a pull ended, for those who waited for it: `items  imported in 4.2 s: 1,200 expected, 1,200 received, …`. */
export function endLines(pull: PullSummary, { paint, columns }: Terminal): string[] {
  const took = pull.durationMs === null ? "" : ` in ${duration(pull.durationMs)}`;
  const head = `${pull.table}  ${outcomeText(pull)}${took}`;
  const painted = `${paint("bold", pull.table)}  ${paint(STYLES[pull.outcome], outcomeText(pull))}${paint("dim", took)}`;
  const tail = [countsText(pull), reasonText(pull)].filter((part) => part !== "").join(". ");
  const lines = inLines(`${head}${tail === "" ? "" : `: ${printable(tail)}`}`, columns);
  return lines.map((line, index) => (index === 0 && line.startsWith(head) ? painted + line.slice(head.length) : line));
}

/** One pull for a person. */
export function pullText(pull: PullDetail, terminal: Terminal, now: Date): string[] {
  const { paint } = terminal;
  const { trigger, cursor, batch, system } = pull;
  const since = cursor.from === null ? "" : ` since ${cursor.from}`;
  const facts: [string, string][] = [
    [
      "what",
      `${pull.resource} of ${system.host} (${system.connector}), ${pull.full ? "all of it" : `changes${since}`}`,
    ],
    [
      "asked",
      `${clock(pull.askedAt, now)} by ${trigger.by === "schedule" ? "the schedule" : (trigger.actor ?? "hand")}`,
    ],
    ["reason", trigger.reason ?? ""],
    ["monitored", pull.monitored ? "yes" : "no"],
    ["expected", pull.expected === null ? "" : figure(pull.expected)],
    ["received", pull.purpose === "probe" ? "" : `${figure(pull.received)} in ${count(pull.pages, "page")}`],
    ["imported", importedText(pull)],
    ["duplicates", pull.duplicates === 0 ? "" : duplicatesText(pull)],
    ["failed", pull.failedPage === null ? "" : `page ${pull.failedPage}`],
    ["attempts", pull.attempts > 1 ? String(pull.attempts) : ""],
    ["begun anew", pull.rounds > 0 ? `${count(pull.rounds, "time")}: the number of items changed meanwhile` : ""],
    ["next since", cursor.to ?? ""],
    ["batch", batch === null ? "" : `${batch.id}, ${batch.status}`],
    ["run", pull.runId === null ? "" : String(pull.runId)],
  ];
  const word = paint(STYLES[pull.outcome], outcomeText(pull));
  const took = pull.durationMs === null ? "" : paint("dim", ` in ${duration(pull.durationMs)}`);
  const reason = reasonText(pull);
  return [
    `${paint("bold", `Pull ${pull.id}`)}  ${pull.client}/${pull.project}, table ${pull.table}  ${word}${took}`,
    ...(reason === "" ? [] : inLines(printable(reason), terminal.columns)),
    "",
    ...facts
      .filter(([, text]) => text !== "")
      .map(([name, text]) => `  ${paint("dim", name.padEnd(12))}${printable(text)}`),
    ...(batch === null ? [] : ["", `  next: ${paint("cyan", `inlet status ${batch.id}`)}`]),
  ];
}

function duplicatesText({ duplicates, duplicateSamples }: PullDetail): string {
  const keys = duplicateSamples.map(
    ({ key, same, page }) => `${key} (page ${page}, ${same ? "the same" : "another content"})`,
  );
  return `${figure(duplicates)}, such as ${keys.join("; ")}`;
}

/** What a probe found: access, count, shape, first rows. */
export function probeText(pull: PullDetail, terminal: Terminal): string[] {
  const { paint } = terminal;
  const { probe, system, resource } = pull;
  if (probe === null) return [];
  const counted = probe.count === null ? "it does not say how many items there are" : count(probe.count, "item");
  const columns: Column<FieldShapeView>[] = [
    { title: "FIELD", text: ({ path }) => path, paint: (_, cell) => paint("bold", cell) },
    { title: "TYPE", text: ({ type, isOptional }) => `${type}${isOptional ? ", optional" : ""}` },
    { title: "SUCH AS", text: ({ samples }) => samples.join(" · "), flexible: true },
  ];
  return [
    `${paint("green", "Access granted")} to ${resource} of ${printable(system.host)} (${system.connector}): ${counted}.`,
    "",
    ...(probe.shape.length === 0 ? ["There are no items to look at."] : renderTable(probe.shape, columns, terminal)),
    ...rowLines(probe.rows, pull.table, terminal),
  ];
}

function rowLines(rows: NonNullable<PullDetail["probe"]>["rows"], table: string, terminal: Terminal): string[] {
  if (rows === null || rows.cells.length === 0) return [];
  const columns = rows.columns.map<Column<(string | null)[]>>((title, index) => ({
    title,
    text: (cells) => cut(cells[index] ?? "", 40),
  }));
  return ["", `The first rows as table ${table} would have them:`, ...renderTable(rows.cells, columns, terminal)];
}
