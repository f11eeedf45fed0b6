import type { SubscriptionState, SubscriptionView } from "@inlet/contracts";
import { Mark, type Tone } from "../../parts/mark.tsx";

const STATES: Readonly<Record<SubscriptionState, { tone: Tone; word: string }>> = {
  active: { tone: "good", word: "In step" },
  backfilling: { tone: "busy", word: "First copy" },
  paused: { tone: "still", word: "Paused" },
  failing: { tone: "warning", word: "Failing" },
  misconfigured: { tone: "bad", word: "Cannot run" },
  ended: { tone: "still", word: "Ended" },
};

/** How a subscription fares. */
export function SubscriptionMark({ subscription: { state, lag, letters } }: { subscription: SubscriptionView }) {
  if (state === "active" && lag.changes > 0) return <Mark tone="busy">Catching up</Mark>;
  if (state === "active" && letters.dead > 0) return <Mark tone="warning">In step but for {letters.dead}</Mark>;
  if (state === "active" && letters.retrying > 0) return <Mark tone="busy">Retrying {letters.retrying}</Mark>;
  return <Mark tone={STATES[state].tone}>{STATES[state].word}</Mark>;
}
