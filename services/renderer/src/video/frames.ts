/** Frames a second of every video. */
export const FRAME_RATE = 30;

/** The first frame that shows a moment of the film or a later one; frame 0 shows its begin. */
export const frameAt = (ms: number): number => Math.ceil((ms * FRAME_RATE) / 1000 - 1e-6);

/** The moment that a frame shows. */
export const momentOf = (frame: number): number => (frame * 1000) / FRAME_RATE;
