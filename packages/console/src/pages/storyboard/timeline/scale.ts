/** How wide time is drawn. */
export interface Scale {
  pxPerMs: number;
  widthPx: number;
}

/** A second is never drawn narrower: longer films are scrolled. */
const LEAST_PX_PER_SECOND = 14;
const LEAST_TICK_PX = 52;
const TICKS_MS = [250, 500, 1_000, 2_000, 5_000, 10_000, 15_000, 30_000, 60_000];

/** All of the time in the room there is, or as much more as it needs to be seen. */
export function scaleOf(totalMs: number, roomPx: number): Scale {
  const pxPerMs = Math.max(roomPx / Math.max(1, totalMs), LEAST_PX_PER_SECOND / 1_000);
  return { pxPerMs, widthPx: Math.max(roomPx, totalMs * pxPerMs) };
}

/** The moments that a ruler names. */
export function ticksOf(totalMs: number, { pxPerMs }: Scale): number[] {
  const stepMs = TICKS_MS.find((each) => each * pxPerMs >= LEAST_TICK_PX) ?? 60_000;
  return Array.from({ length: Math.floor(totalMs / stepMs) + 1 }, (_, at) => at * stepMs);
}

/** How near a dragged end comes to a mark before it is taken for it. */
const SNAP_PX = 7;
/** What times are rounded to while they are dragged. */
export const STEP_MS = 100;

/** The nearest mark, where one is near; else a round time. */
export function snapped(ms: number, marksMs: readonly number[], { pxPerMs }: Pick<Scale, "pxPerMs">): number {
  const near = marksMs
    .map((mark) => ({ mark, away: Math.abs(mark - ms) * pxPerMs }))
    .filter(({ away }) => away <= SNAP_PX)
    .sort((one, other) => one.away - other.away)[0];
  return near?.mark ?? Math.round(ms / STEP_MS) * STEP_MS;
}

interface Span {
  fromMs: number;
  untilMs: number;
}

/** Where a scene that is dragged comes to lie: it takes the place of the one whose middle it has passed. */
export function dropPlace(times: readonly Span[], from: number, movedMs: number): number {
  const { fromMs, untilMs } = times[from]!;
  const [begin, end] = [fromMs + movedMs, untilMs + movedMs];
  const middle = ({ fromMs: one, untilMs: other }: Span) => (one + other) / 2;
  let to = from;
  while (to + 1 < times.length && end > middle(times[to + 1]!)) to += 1;
  while (to - 1 >= 0 && begin < middle(times[to - 1]!)) to -= 1;
  return to;
}

/** 2.5 s → `2.5 s`. */
export const secondsText = (ms: number): string => `${Number((ms / 1_000).toFixed(2))} s`;

/** 75 300 ms → `1:15.3`. */
export function clockText(ms: number, decimals = 1): string {
  const unit = 10 ** (3 - decimals);
  const rounded = Math.floor(ms / unit) * unit;
  const minutes = Math.floor(rounded / 60_000);
  const seconds = (rounded % 60_000) / 1_000;
  return `${minutes}:${seconds.toFixed(decimals).padStart(decimals === 0 ? 2 : decimals + 3, "0")}`;
}
