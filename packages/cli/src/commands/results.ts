import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { StoredFile } from "@inlet/client";
import { type BatchResults, count, type Funnel, type ProjectResults } from "@inlet/contracts";
import { dayOrTime } from "../day-or-time.ts";
import { usageFailure } from "../failure.ts";
import { clock } from "../figures.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import type { Terminal } from "../terminal.ts";

interface ResultsOptions extends GlobalOptions {
  from?: string;
  to?: string;
  csv?: "recipients" | "events";
}

/** Shows what came of a batch's links, or of all of a project's. */
export async function results(subject: string, options: ResultsOptions): Promise<void> {
  const { api, out, result } = await openSession(options);
  if (/^\d+$/.test(subject)) {
    const batchId = Number(subject);
    if (options.csv !== undefined) {
      return await print(
        options.csv === "events" ? await api.linkEventsFile(batchId) : await api.recipientResultsFile(batchId),
      );
    }
    const found = await api.batchResults(batchId);
    out.line(out.paint("bold", `Batch ${batchId}`));
    for (const line of funnelLines(found.people, out)) out.line(line);
    if (found.withheld > 0) out.line(`${count(found.withheld, "row")} got no link, by what the storyboard requires.`);
    for (const line of buttonLines(found, out)) out.line(line);
    return result(found);
  }
  if (options.csv !== undefined) throw usageFailure("CSV is of one batch: say its number.");
  const { client, project } = readProjectName(subject);
  const found = await api.projectResults(client, project, { from: dayOrTime(options.from), to: dayOrTime(options.to) });
  out.line(out.paint("bold", `${client}/${project}, ${found.from.slice(0, 10)} to ${found.to.slice(0, 10)}`));
  for (const line of funnelLines(found.people, out)) out.line(line);
  for (const line of buttonLines(found, out)) out.line(line);
  const now = new Date();
  const columns: Column<ProjectResults["batches"][number]>[] = [
    { title: "BATCH", text: ({ batchId }) => String(batchId), align: "right" },
    { title: "SENT AT", text: ({ sentAt }) => (sentAt === null ? "" : clock(sentAt, now)) },
    ...STEPS.map(([step, word]) => ({
      title: word.toUpperCase(),
      text: ({ people }: { people: Funnel }) => String(people[step]),
      align: "right" as const,
    })),
    { title: "FILE", text: ({ fileName }) => fileName, flexible: true },
  ];
  if (found.batches.length > 0) out.line("");
  for (const line of renderTable(found.batches, columns, out)) out.line(line);
  result(found);
}

const STEPS = [
  ["sent", "sent"],
  ["seen", "seen"],
  ["played", "played"],
  ["completed", "completed"],
  ["clicked", "clicked"],
] as const;

const BAR = 24;

/** One line for each step, with its share of what was sent. */
function funnelLines(people: Funnel, out: Terminal): string[] {
  return STEPS.map(([step, word]) => {
    const share = people.sent === 0 ? 0 : people[step] / people.sent;
    const bar = "█".repeat(Math.round(share * BAR)).padEnd(BAR, "░");
    const percent = step === "sent" ? "" : `${(share * 100).toFixed(1)} %`;
    return `  ${word.padEnd(10)} ${out.paint("cyan", bar)} ${String(people[step]).padStart(9)}  ${percent}`.trimEnd();
  });
}

function buttonLines({ buttons }: Pick<BatchResults, "buttons">, out: Terminal): string[] {
  return buttons.map(
    ({ name, people, times }) =>
      `  ${out.paint("dim", "button")} ${name}: pressed by ${count(people, "recipient")}, ${count(times, "time")}`,
  );
}

const print = ({ body }: StoredFile) =>
  pipeline(Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]), process.stdout, { end: false });
