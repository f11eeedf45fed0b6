/** Where a chart's lines of the grid are: from 0 to a round number at or above the greatest value, four or five of them. */
export function gridOf(greatest: number): number[] {
  if (greatest <= 4) return Array.from({ length: Math.max(2, greatest + 1) }, (_, i) => i);
  const rough = greatest / 4;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 2.5, 5, 10].map((each) => each * power).find((each) => each >= rough && each % 1 === 0)!;
  return Array.from({ length: Math.ceil(greatest / step) + 1 }, (_, i) => i * step);
}

/** Which points are named below the chart: a few, at even distances, the last one always. */
export function namedPoints(points: number, most: number): number[] {
  const every = Math.max(1, Math.ceil(points / most));
  return Array.from({ length: points }, (_, i) => i).filter((i) => (points - 1 - i) % every === 0);
}
