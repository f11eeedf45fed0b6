import type { Film } from "@inlet/storyboard";
import type { DraftBox, DraftScene } from "../state/draft.ts";

/** Whether the film shows the scene's layers as a looking-glass does: in a right-to-left language, where it is to. */
export const isMirrored = ({ mirror = false }: DraftScene, { direction }: Pick<Film, "direction">): boolean =>
  mirror && direction === "rtl";

/** Where a box is seen on a mirrored stage of this width; and the other way round. */
export const mirroredBox = (box: DraftBox, width: number): DraftBox => ({ ...box, x: width - box.x - box.width });
