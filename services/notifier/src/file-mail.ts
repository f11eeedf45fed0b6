import type { FileMessage } from "@inlet/contracts";
import { display, displaySize, displayTime, wrap } from "./display.ts";
import { page } from "./page.ts";
import type { Worded } from "./worded.ts";

/** The short mail about one file: it was received, or work on it has begun. */
export function fileMail(message: FileMessage): Worded {
  const received = message.event === "received";
  const word = received ? "RECEIVED" : "STARTED";
  const fileName = display(message.fileName);
  const project = display(message.title, 100);
  const at = displayTime(message.at);
  const table = message.table === null ? "" : `, table ${display(message.table, 63)}`;
  const subject = `${word}: ${display(message.title, 60)}, ${display(message.fileName, 100)}`;
  const summary = received
    ? `The file came on ${at}: ${displaySize(message.sizeBytes)}. Work on it begins when its turn comes.`
    : `Work on the file began on ${at}.`;
  const footer = [
    `Client ${display(message.client, 30)}, project ${display(message.project, 30)}${table}, batch ${message.batchId}.`,
    "This message was sent automatically by Inlet.",
  ];
  const heading = `${project}, ${fileName}`;
  return {
    subject,
    text: `${[`${wrap(`${heading}: ${word}`)}\n${wrap(summary)}`, ["-- ", ...footer.map((line) => wrap(line))].join("\n")].join("\n\n")}\n`,
    html: page({ title: subject, word, tone: "calm", heading, summary, rows: [], footer }),
  };
}
