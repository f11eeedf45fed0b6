import type { OverdueMessage } from "@inlet/contracts";
import { consolePages } from "./console-pages.ts";
import { display, displayCount, displayList, displayTime } from "./display.ts";
import { type Block, type Fact, wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";
import { statusWord } from "./wording.ts";

/** More lines than this are counted. */
const MOST_ROWS = 40;

/** The alert on a run that has not ended by its deadline: where it stands, and what it waits for. */
export function overdueMail(message: OverdueMessage, consoleUrl?: string): Worded {
  const { missing, startedAt } = message;
  const open = message.batches.filter(({ status }) => statusWord(status) === "IN PROGRESS");
  const about = `${display(message.title, 60)}, ${display(message.run, 60)}`;
  const deadline = displayTime(message.deadlineAt);
  return wordedLetter({
    subject: `OVERDUE: ${about}`,
    word: "OVERDUE",
    tone: "bad",
    heading: `${display(message.title, 100)}, ${display(message.run, 120)}`,
    summary: `This run has not ended by its deadline, ${deadline}. ${reasonOf(message, open.length)}`,
    note: undefined,
    sections: [
      { heading: "The run", blocks: [{ kind: "facts", facts: factsOf(message, consoleUrl) }] },
      ...(missing.length + message.batches.length > 0
        ? [{ heading: "Its tables", blocks: [{ kind: "list" as const, items: linesOf(message) }] }]
        : []),
      { heading: "What to do", blocks: [{ kind: "paragraph", text: remedyOf(missing, open.length, startedAt) }] },
      ...skippedSection(message),
    ],
    footer: [
      `Client ${display(message.client, 30)}, project ${display(message.project, 30)}.`,
      "When the run has ended, its report follows. This message was sent automatically by Inlet.",
    ],
  });
}

function reasonOf({ missing, startedAt }: OverdueMessage, open: number): string {
  if (startedAt === null) return "It has not started.";
  const parts = [
    ...(missing.length > 0 ? [`no file has come of ${displayList(missing.map((name) => display(name, 63)))}`] : []),
    ...(open > 0 ? [`${displayCount(open, "file is", "files are")} not done yet`] : []),
  ];
  return parts.length === 0 ? "" : `So far ${parts.join(", and ")}.`;
}

function factsOf({ runId, dueAt, deadlineAt, startedAt }: OverdueMessage, consoleUrl: string | undefined): Fact[] {
  const url = consolePages(consoleUrl).run(runId);
  return [
    { label: "Due", value: displayTime(dueAt) },
    { label: "Started", value: startedAt === null ? "not yet" : displayTime(startedAt) },
    { label: "Deadline", value: displayTime(deadlineAt) },
    ...(url === undefined ? [] : [{ label: "In the console", value: url, code: true }]),
  ];
}

function linesOf({ batches, missing }: OverdueMessage): string[] {
  const lines = [
    ...missing.map((table) => `${display(table, 63)}: MISSING`),
    ...batches.map(({ table, fileName, status }) => {
      const name = table === null ? "(no table)" : display(table, 63);
      return `${name}: ${statusWord(status)} (${display(fileName, 120)})`;
    }),
  ];
  const more = lines.length - MOST_ROWS;
  return more > 0 ? [...lines.slice(0, MOST_ROWS), `${displayCount(more, "more line")} not shown here`] : lines;
}

function remedyOf(missing: readonly string[], open: number, startedAt: string | null): string {
  if (startedAt === null) return "Inlet's operator looks whether the watcher is running: it starts the runs.";
  const send = missing.length > 0 ? `Send ${displayList(missing.map((name) => display(name, 63)))}. ` : "";
  const look = open > 0 ? "Inlet's operator looks at the files that are not done: each says what it waits for." : "";
  return `${send}${look}`.trim() || "The run is about to end; its report follows.";
}

function skippedSection({ skipped }: OverdueMessage): { heading: string; blocks: Block[] }[] {
  if (skipped.length === 0) return [];
  const shown = skipped.slice(-10).map(displayTime);
  const more = skipped.length - shown.length;
  const items = more > 0 ? [`${displayCount(more, "earlier time")}`, ...shown] : shown;
  return [
    {
      heading: "Runs that were skipped",
      blocks: [
        { kind: "paragraph", text: "Nothing was running at these times. What had come was taken by this run." },
        { kind: "list", items },
      ],
    },
  ];
}
