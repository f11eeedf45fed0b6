import { bytes, duration } from "./figures.ts";
import type { Terminal } from "./terminal.ts";

const BAR_WIDTH = 28;
/** Eighths of a cell, so that the bar moves smoothly. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** How far an upload is: `████████▌        31%  6.3 of 20.4 MB  12.1 MB/s  1.2 s left`. Without a total: no bar. */
export function uploadBar(
  { sentBytes, totalBytes, elapsedMs }: { sentBytes: number; totalBytes: number | undefined; elapsedMs: number },
  { paint }: Pick<Terminal, "paint">,
): string {
  const perSecond = elapsedMs > 0 ? (sentBytes / elapsedMs) * 1_000 : 0;
  const speed = elapsedMs > 300 ? `  ${bytes(perSecond)}/s` : "";
  if (totalBytes === undefined) return `  ${bytes(sentBytes)} sent${speed}`;
  const share = totalBytes === 0 ? 1 : Math.min(1, sentBytes / totalBytes);
  const eighths = Math.floor(share * BAR_WIDTH * 8);
  const filled = "█".repeat(Math.floor(eighths / 8)) + EIGHTHS[eighths % 8];
  const bar = paint("cyan", filled) + paint("dim", "·".repeat(BAR_WIDTH - Math.ceil(eighths / 8)));
  const leftMs = perSecond > 0 ? ((totalBytes - sentBytes) / perSecond) * 1_000 : 0;
  const left = speed !== "" && share < 1 ? `  ${duration(leftMs)} left` : "";
  const percent = `${Math.floor(share * 100)}%`.padStart(4);
  return `  ${bar} ${percent}  ${bytes(sentBytes)} of ${bytes(totalBytes)}${speed}${left}`;
}
