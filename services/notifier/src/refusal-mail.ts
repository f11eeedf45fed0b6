import type { MailRefusalMessage } from "@inlet/contracts";
import { replySubject } from "./answered.ts";
import { display } from "./display.ts";
import { wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";

/** The answer to an e-mail that no file could be taken from. It names no project where it may be for several. */
export function refusalMail(message: MailRefusalMessage): Worded {
  const { reason, projectUnclear = false } = message;
  const about = display(message.answered.subject, 120);
  return wordedLetter({
    subject: replySubject(
      message.answered.subject,
      projectUnclear ? "your e-mail" : `your e-mail to ${display(message.title, 60)}`,
    ),
    word: "NOT ACCEPTED",
    tone: "bad",
    heading: projectUnclear ? "Your e-mail" : `${display(message.title, 100)}, your e-mail`,
    summary: `No file was taken from your e-mail${about === "" ? "" : ` “${about}”`}. Nothing was imported.`,
    note: undefined,
    sections: [
      {
        heading: "What needs attention",
        blocks: [
          { kind: "labelled", label: "Reason", text: display(reason.message, 1000) },
          { kind: "labelled", label: "What to do", text: remedy(reason) },
        ],
      },
    ],
    footer: [
      ...(projectUnclear ? [] : [`Client ${display(message.client, 30)}, project ${display(message.project, 30)}.`]),
      "This message was sent automatically by Inlet, because an e-mail came from an address that may send files here.",
    ],
  });
}

/** An e-mail that fits several projects may have to go to another address, as its reason says. */
function remedy({ code }: MailRefusalMessage["reason"]): string {
  return code === "project_unclear"
    ? "Put that right, and send the file in a new e-mail."
    : "Put that right, and send the file in a new e-mail to the same address as before.";
}
