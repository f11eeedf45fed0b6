import type { KeyExpiryMessage } from "@inlet/contracts";
import { display, displayCount, displayTime } from "./display.ts";
import { type Block, wordedLetter } from "./letter.ts";
import type { Worded } from "./worded.ts";

const DAY_MS = 24 * 60 * 60_000;

/** The mail about an OpenPGP key that is about to expire, or has: whose it is, what happens then, and what to do. */
export function keyMail(message: KeyExpiryMessage): Worded {
  const { owner, expiresAt, at } = message;
  const leftMs = Date.parse(expiresAt) - Date.parse(at);
  const isOver = leftMs <= 0;
  const whose = owner === "ours" ? "Inlet's OpenPGP key" : "the client's OpenPGP key";
  const word = isOver ? "KEY EXPIRED" : "KEY EXPIRES";
  const title = display(message.title, 60);
  const when = displayTime(expiresAt);
  const summary = isOver
    ? `${capital(whose)} for ${title} expired on ${when}.`
    : `${capital(whose)} for ${title} expires in ${displayCount(Math.max(1, Math.ceil(leftMs / DAY_MS)), "day")}, on ${when}.`;
  return wordedLetter({
    subject: `${word}: ${title}, ${whose}, ${when.split(" at ")[0]}`,
    word,
    tone: isOver ? "bad" : "warn",
    heading: `${display(message.title, 100)}, ${whose}`,
    summary,
    note: undefined,
    sections: [
      {
        heading: "The key",
        blocks: [
          {
            kind: "facts",
            facts: [
              { label: "Name", value: display(message.userId, 200) },
              { label: "Fingerprint", value: groups(message.fingerprint), code: true },
              { label: "Good for", value: purpose(message) },
              { label: isOver ? "Expired" : "Expires", value: when },
            ],
          },
        ],
      },
      {
        heading: isOver ? "What that means" : "What happens then",
        blocks: [{ kind: "paragraph", text: consequence(message, isOver) }],
      },
      { heading: "What to do", blocks: remedy(message) },
    ],
    footer: [
      `Client ${display(message.client, 30)}, project ${display(message.project, 30)}.`,
      "This message was sent automatically by Inlet.",
    ],
  });
}

function purpose({ canEncrypt, canSign }: KeyExpiryMessage): string {
  if (canEncrypt && canSign) return "encryption and signatures";
  if (canEncrypt) return "encryption";
  return canSign ? "signatures" : "nothing that is used here";
}

/** What ends with the key: only what it is good for, and what no other key goes on with. */
function consequence(message: KeyExpiryMessage, isOver: boolean): string {
  const until = isOver ? "Until it is replaced" : "From then on";
  const ends = message.owner === "ours" ? endOfOurs(message) : endOfTheirs(message);
  const parts = ends.filter((part) => part !== undefined);
  const what = parts.length === 0 ? "it is of no use" : parts.join(", and ");
  const stays =
    message.owner === "ours" && message.canEncrypt ? " Files that were encrypted to it are still opened." : "";
  return `${until}, ${what}.${stays}`;
}

function endOfOurs({ canEncrypt, canSign }: KeyExpiryMessage): (string | undefined)[] {
  return [
    canEncrypt ? "the client's programs do not encrypt files to it, so none can be sent" : undefined,
    canSign ? "what Inlet signs with it does not hold" : undefined,
  ];
}

function endOfTheirs({ canEncrypt, canSign, hasOtherEncryptionKey }: KeyExpiryMessage): (string | undefined)[] {
  const encryption = hasOtherEncryptionKey
    ? "results are encrypted without it, so whoever has no other of the client's keys cannot open them"
    : "nothing is encrypted to it, so results cannot be handed back";
  return [canEncrypt ? encryption : undefined, canSign ? "files that it signed are refused" : undefined];
}

function remedy({ owner, client, project }: KeyExpiryMessage): Block[] {
  const where = `--project ${display(client, 63)}/${display(project, 63)}`;
  if (owner === "ours") {
    return [
      {
        kind: "paragraph",
        text: "Inlet's operator makes the next key, and gives its public part to the client, who puts it into its programs before this one ends. Files that are encrypted to either are opened meanwhile.",
      },
      {
        kind: "facts",
        facts: [
          { label: "The next key", value: `inlet keys rotate ${where}`, code: true },
          { label: "Its public part", value: `inlet keys export ${where}`, code: true },
        ],
      },
    ];
  }
  return [
    {
      kind: "paragraph",
      text: "The client sends its next public key, or this one with a later expiry. Both sides compare its fingerprint by telephone, or in another way that is not e-mail, before Inlet's operator takes it in.",
    },
    { kind: "facts", facts: [{ label: "To take it in", value: `inlet keys import FILE ${where}`, code: true }] },
  ];
}

/** As people compare it: groups of four, in capitals. */
function groups(fingerprint: string): string {
  return display(fingerprint.toUpperCase().replace(/(.{4})(?=.)/g, "$1 "), 100);
}

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
