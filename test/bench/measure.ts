/** What a benchmark prints with --json, as its last line. */
export interface BenchResult {
  name: string;
  /** Ours to the peer: of times for `import` and `pipeline`, of files per second for `small-files`. */
  ratio: number;
  ours: { medianMs: number; peakMemoryMb: number };
  peer: { name: string; medianMs: number };
  pairs: number;
  details: Record<string, unknown>;
}

/** How a benchmark is to be run. */
export interface BenchOptions {
  pairs: number;
  /** Where progress is told. */
  say: (line: string) => void;
  /** Records of the main file, where a benchmark lets them be chosen: for a quick look, not for a figure. */
  records?: number | undefined;
  /** Bytes of a stream, where a benchmark lets them be chosen. */
  sizeBytes?: number | undefined;
}

/** The middle value; the mean of the two middle ones of an even number. */
export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}

/** Runs both sides in turn, so that the machine's other load meets both alike. Times in milliseconds. */
export async function inTurn(
  pairs: number,
  sides: { ours: () => Promise<number>; peer: () => Promise<number> },
  onPair: (line: string) => void,
): Promise<{ ours: number[]; peer: number[] }> {
  const times = { ours: [] as number[], peer: [] as number[] };
  for (let pair = 1; pair <= pairs; pair += 1) {
    times.ours.push(await sides.ours());
    times.peer.push(await sides.peer());
    onPair(
      `pair ${pair} of ${pairs}: ours ${times.ours.at(-1)!.toFixed(0)} ms, peer ${times.peer.at(-1)!.toFixed(0)} ms`,
    );
  }
  return times;
}
