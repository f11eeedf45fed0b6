import type { SeriesPoint } from "@inlet/contracts";

/** Where a chart's lines of the grid are: from 0 to a round number at or above the greatest value, four or five of them. */
export function gridOf(greatest: number): number[] {
  if (greatest <= 4) return Array.from({ length: Math.max(2, greatest + 1) }, (_, i) => i);
  const rough = greatest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough && each % 1 === 0)!;
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, i) => i * step);
}

const FEWEST_POINTS = 7;

/** A series without the long time before anything happened: a campaign of three days is no spike at the edge of a month. */
export function fromFirst(series: readonly SeriesPoint[]): readonly SeriesPoint[] {
  const first = series.findIndex(
    ({ sent, seen, played, completed, clicked }) => sent + seen + played + completed + clicked > 0,
  );
  if (first === -1) return series;
  return series.slice(Math.max(0, Math.min(first - 1, series.length - FEWEST_POINTS)));
}

/** Which points are named below the chart: a few, at even distances, the last one always. */
export function namedPoints(points: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(points / most));
  return Array.from({ length: points }, (_, i) => i).filter((i) => (points - 1 - i) % every === 0);
}
