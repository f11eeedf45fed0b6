import type { SubscriptionView } from "@inlet/contracts";
import { count, duration, figure } from "@inlet/contracts/figures";

/** Beyond so many, the API does not count further. */
const MOST_COUNTED = 10_000;

/** How far a subscription is behind, in words. */
export function lagText({ outward, state, lag, backfill }: SubscriptionView): string {
  if (!outward) return "Nothing goes there";
  if (state === "misconfigured" || state === "ended") return "—";
  if (backfill !== null) {
    const { done, total } = backfill;
    return total === null ? `${count(done, "item")} copied` : `${figure(done)} of about ${count(total, "item")}`;
  }
  if (lag.changes === 0) return "None";
  const more = lag.changes >= MOST_COUNTED ? "more than " : "";
  return `${more}${count(lag.changes, "change")}, ${ageText(lag.seconds)}`;
}

/** How old the oldest of them is. Tenths of a second that change with each look would only be restless. */
function ageText(seconds: number): string {
  return seconds >= 9.5 && seconds < 59.5 ? `${Math.round(seconds)} s` : duration(Math.round(seconds * 1000));
}

/** Which ways it goes, in words. */
export function directionText({ outward, inward }: Pick<SubscriptionView, "outward" | "inward">): string {
  const back = inward === "webhook" ? "by its webhooks" : "asked for regularly";
  if (inward === null) return "Outward";
  return outward ? `Outward, and inward ${back}` : `Inward ${back}`;
}
