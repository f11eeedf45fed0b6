/** How an item differs between both sides. */
export type Drift = "missing_there" | "missing_here" | "different";

/** What is known of an item that differs. */
export interface Drifted {
  drift: Drift;
  /** Which ways changes go. */
  isOutward: boolean;
  isInward: boolean;
  /** When it changed there, if the other side says so. */
  changedAtMs: number | undefined;
  /** When it was removed here; undefined: it was not, or nobody knows any more. */
  removedHereAtMs: number | undefined;
  /** Whether the other side has had it. */
  wasThere: boolean;
  /** Whether the other side has said or taken just what we have now. */
  hadOurs: boolean;
}

/** `send`: ours goes there again. `take`: theirs is merged into ours by the conflict rules. `leave`: it is only reported. */
export type Mending = "send" | "take" | "leave";

/**
 * How what has drifted apart is mended. Where changes go one way, that way's source is right. Where they go both ways, what says
 * when it changed is merged like any change. Of what says nothing: if the other side had just what we have now, it has changed since
 * and we have missed that; if not, it has missed ours.
 */
export function mendingOf(drifted: Drifted): Mending {
  const { drift, isOutward, isInward, changedAtMs, hadOurs, wasThere, removedHereAtMs } = drifted;
  switch (drift) {
    case "different":
      if (!isInward) return isOutward ? "send" : "leave";
      return !isOutward || changedAtMs !== undefined || hadOurs ? "take" : "send";
    case "missing_there":
      if (!isInward) return isOutward ? "send" : "leave";
      // What it never had came to us another way.
      if (!wasThere) return isOutward ? "send" : "leave";
      return !isOutward || hadOurs ? "take" : "send";
    case "missing_here":
      if (removedHereAtMs === undefined) return isInward ? "take" : "leave";
      if (isInward && changedAtMs !== undefined && changedAtMs > removedHereAtMs) return "take";
      return isOutward ? "send" : "leave";
  }
}

/**
 * How many items may be removed here because the other side does not name them. A list that breaks off would else empty the
 * catalog: beyond a tenth of the items, and more than ten, somebody has to look at it first; and always where it names none.
 */
export const mostRemovals = ({ here, there }: { here: number; there: number }): number =>
  there === 0 ? 0 : Math.min(10_000, Math.max(10, Math.floor(here / 10)));
