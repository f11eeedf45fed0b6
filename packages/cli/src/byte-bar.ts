import { bytes, duration } from "./figures.ts";
import type { Terminal } from "./terminal.ts";

const BAR_WIDTH = 28;
/** Eighths of a cell, so that the bar moves smoothly. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** How far the bytes of a file are through. */
export interface BytesDone {
  doneBytes: number;
  totalBytes: number | undefined;
  elapsedMs: number;
}

/** `████████▌        31%  6.3 MB of 20.4 MB  12.1 MB/s  1.2 s left`. Without a total, as when standard input is sent: no bar. */
export function byteBar({ doneBytes, totalBytes, elapsedMs }: BytesDone, { paint }: Pick<Terminal, "paint">): string {
  const perSecond = elapsedMs > 0 ? (doneBytes / elapsedMs) * 1_000 : 0;
  const speed = elapsedMs > 300 ? `  ${bytes(perSecond)}/s` : "";
  if (totalBytes === undefined) return `  ${bytes(doneBytes)} sent${speed}`;
  const share = totalBytes === 0 ? 1 : Math.min(1, doneBytes / totalBytes);
  const eighths = Math.floor(share * BAR_WIDTH * 8);
  const filled = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  const bar = paint("cyan", filled) + paint("dim", "·".repeat(BAR_WIDTH - Math.ceil(eighths / 8)));
  const leftMs = perSecond > 0 ? ((totalBytes - doneBytes) / perSecond) * 1_000 : 0;
  const left = speed !== "" && share < 1 ? `  ${duration(leftMs)} left` : "";
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `  ${bar} ${percent}  ${bytes(doneBytes)} of ${bytes(totalBytes)}${speed}${left}`;
}
