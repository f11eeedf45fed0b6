import type { DraftBox } from "../state/draft.ts";

export interface StageSize {
  width: number;
  height: number;
}

/** A side or a corner of a box: `n`, `se`, … */
export const HANDLES = ["nw", "n", "ne", "e", "se", "s", "sw", "w"] as const;
export type Handle = (typeof HANDLES)[number];

/** A line that a box was laid at. */
export interface Guide {
  axis: "x" | "y";
  at: number;
}

/** The part of the stage that every screen shows whole: 5 % from each edge, as in television (EBU R 95). */
const SAFE_SHARE = 0.05;

export function safeArea({ width, height }: StageSize): DraftBox {
  const [x, y] = [Math.round(width * SAFE_SHARE), Math.round(height * SAFE_SHARE)];
  return { x, y, width: width - 2 * x, height: height - 2 * y };
}

/** Edges and middles that boxes are laid at: those of the stage, of its safe area and of other boxes. */
export function linesOf(stage: StageSize, others: readonly DraftBox[]): { x: number[]; y: number[] } {
  const boxes = [{ x: 0, y: 0, ...stage }, safeArea(stage), ...others];
  return {
    x: [...new Set(boxes.flatMap(({ x, width }) => [x, x + width / 2, x + width]))],
    y: [...new Set(boxes.flatMap(({ y, height }) => [y, y + height / 2, y + height]))],
  };
}

interface Snapping {
  lines: { x: readonly number[]; y: readonly number[] };
  /** In the stage's pixels. */
  reach: number;
}

/** The nearest way from one of these edges to a line, where there is one in reach. */
function nearest(edges: readonly number[], lines: readonly number[], reach: number) {
  let best: { by: number; at: number } | undefined;
  for (const edge of edges)
    for (const at of lines) {
      const by = at - edge;
      if (Math.abs(by) <= reach && Math.abs(by) < Math.abs(best?.by ?? Number.POSITIVE_INFINITY)) best = { by, at };
    }
  return best;
}

/** A box that is moved, laid at lines that are near. */
export function movedBox(box: DraftBox, dx: number, dy: number, { lines, reach }: Snapping) {
  const moved = { ...box, x: Math.round(box.x + dx), y: Math.round(box.y + dy) };
  const x = nearest([moved.x, moved.x + box.width / 2, moved.x + box.width], lines.x, reach);
  const y = nearest([moved.y, moved.y + box.height / 2, moved.y + box.height], lines.y, reach);
  return {
    box: { ...moved, x: Math.round(moved.x + (x?.by ?? 0)), y: Math.round(moved.y + (y?.by ?? 0)) },
    guides: guidesOf(x, y),
  };
}

export const LEAST_BOX_PX = 8;

/** A box one of whose sides or corners is moved. `keepsShape`: its sides stay in proportion, by the corner. */
export function resizedBox(
  box: DraftBox,
  handle: Handle,
  dx: number,
  dy: number,
  { lines, reach }: Snapping,
  keepsShape = false,
) {
  const [west, north] = [handle.includes("w"), handle.includes("n")];
  const [east, south] = [handle.includes("e"), handle.includes("s")];
  const edgeX = west ? box.x + dx : box.x + box.width + dx;
  const edgeY = north ? box.y + dy : box.y + box.height + dy;
  const isCorner = (west || east) && (north || south);
  if (keepsShape && isCorner) {
    const share = Math.max(
      (west ? box.width - dx : box.width + dx) / box.width,
      (north ? box.height - dy : box.height + dy) / box.height,
      LEAST_BOX_PX / Math.min(box.width, box.height),
    );
    const [width, height] = [Math.round(box.width * share), Math.round(box.height * share)];
    return {
      box: {
        x: west ? box.x + box.width - width : box.x,
        y: north ? box.y + box.height - height : box.y,
        width,
        height,
      },
      guides: [],
    };
  }
  const x = west || east ? nearest([edgeX], lines.x, reach) : undefined;
  const y = north || south ? nearest([edgeY], lines.y, reach) : undefined;
  const [toX, toY] = [Math.round(x?.at ?? edgeX), Math.round(y?.at ?? edgeY)];
  const sized = { ...box };
  if (west) {
    sized.x = Math.min(toX, box.x + box.width - LEAST_BOX_PX);
    sized.width = box.x + box.width - sized.x;
  } else if (east) sized.width = Math.max(LEAST_BOX_PX, toX - box.x);
  if (north) {
    sized.y = Math.min(toY, box.y + box.height - LEAST_BOX_PX);
    sized.height = box.y + box.height - sized.y;
  } else if (south) sized.height = Math.max(LEAST_BOX_PX, toY - box.y);
  return { box: sized, guides: guidesOf(x, y) };
}

const guidesOf = (x: { at: number } | undefined, y: { at: number } | undefined): Guide[] => [
  ...(x === undefined ? [] : [{ axis: "x" as const, at: x.at }]),
  ...(y === undefined ? [] : [{ axis: "y" as const, at: y.at }]),
];
