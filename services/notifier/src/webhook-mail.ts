import type { WebhookDisabledMessage } from "@inlet/contracts";
import { display, displayTime } from "./display.ts";
import { wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";

/** The mail about a webhook that was disabled: why, what that means, and what to do. */
export function webhookMail(message: WebhookDisabledMessage): Worded {
  const { cause, webhookId, description } = message;
  const title = display(message.title, 60);
  const receiver = display(message.receiver, 200);
  const since = displayTime(message.failingSince);
  return wordedLetter({
    subject: `WEBHOOK DISABLED: ${title}, ${display(message.receiver, 100)}`,
    word: "WEBHOOK DISABLED",
    tone: "bad",
    heading: `${display(message.title, 100)}, webhook ${webhookId}`,
    summary:
      cause === "gone"
        ? `${receiver} answered that it wants to be told no more (HTTP 410). The webhook is disabled.`
        : `Every attempt to tell ${receiver} since ${since} has failed. The webhook is disabled.`,
    note: undefined,
    sections: [
      {
        heading: "The webhook",
        blocks: [
          {
            kind: "facts",
            facts: [
              { label: "Receiver", value: receiver },
              ...(description === "" ? [] : [{ label: "Description", value: display(description, 200) }]),
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
            text: "Files are worked on as before. Their events are not told to this address, and are not kept for it.",
          },
        ],
      },
      {
        heading: "What to do",
        blocks: [
          {
            kind: "paragraph",
            text: "Mend the receiver, then enable the webhook again. What failed can be sent again one by one.",
          },
          {
            kind: "facts",
            facts: [
              { label: "Enable it", value: `inlet webhooks enable ${webhookId}`, code: true },
              { label: "What failed", value: `inlet webhooks deliveries ${webhookId} --state failed`, code: true },
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
