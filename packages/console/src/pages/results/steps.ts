import type { Funnel } from "@inlet/contracts";

/** A step of a recipient's way, from the link in an e-mail to the button. */
export type Step = keyof Funnel;

/** The steps in their order, with their words, and the colours that charts draw them in. */
export const STEPS: readonly { step: Step; word: string; colour: string }[] = [
  { step: "sent", word: "Sent", colour: "var(--step-sent)" },
  { step: "seen", word: "Seen", colour: "var(--step-seen)" },
  { step: "played", word: "Played", colour: "var(--step-played)" },
  { step: "completed", word: "Completed", colour: "var(--step-completed)" },
  { step: "clicked", word: "Clicked", colour: "var(--step-clicked)" },
];

/** A share for people: `12.5 %`; nothing where there is no whole. */
export function percent(part: number, whole: number): string | undefined {
  if (whole === 0) return undefined;
  const share = (part / whole) * 100;
  return `${share >= 99.95 || share === 0 ? Math.round(share) : share.toFixed(1)} %`;
}
