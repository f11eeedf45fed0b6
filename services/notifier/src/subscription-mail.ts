import type { SubscriptionFailingMessage } from "@inlet/contracts";
import { display, displayTime } from "./display.ts";
import { wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";

/** The mail about another system that takes nothing: since when, what that means, and what to do. */
export function subscriptionMail(message: SubscriptionFailingMessage): Worded {
  const { subscriptionId } = message;
  const name = display(message.name, 63);
  return wordedLetter({
    subject: `SYNC FAILING: ${display(message.title, 60)}, ${name}`,
    word: "SYNC FAILING",
    tone: "bad",
    heading: `${display(message.title, 100)}, ${name}`,
    summary: `Nothing was taken by ${name} since ${displayTime(message.failingSince)}. It is tried again and again, by itself.`,
    note: undefined,
    sections: [
      {
        heading: "The subscription",
        blocks: [
          {
            kind: "facts",
            facts: [
              { label: "Catalog", value: display(message.table, 63) },
              { label: "Last attempt", value: display(message.lastError, 500) },
            ],
          },
        ],
      },
      {
        heading: "What that means",
        blocks: [
          {
            kind: "paragraph",
            text: "The catalog goes on without it, and so do the other systems. Nothing is lost: all changes go out in their order once it takes them again.",
          },
        ],
      },
      {
        heading: "What to do",
        blocks: [
          {
            kind: "paragraph",
            text: "See whether the other system is up, and whether what the profile and its secrets say of it still holds. After that it may be tried at once.",
          },
          {
            kind: "facts",
            facts: [
              { label: "How it stands", value: `inlet sync show ${subscriptionId}`, code: true },
              { label: "Try it at once", value: `inlet sync resume ${subscriptionId}`, code: true },
            ],
          },
        ],
      },
    ],
    footer: [
      `Client ${display(message.client, 30)}, project ${display(message.project, 30)}.`,
      "This message was sent automatically by Inlet.",
    ],
  });
}
