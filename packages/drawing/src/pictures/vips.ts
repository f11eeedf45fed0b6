import sharp from "sharp";

/** One picture uses one core; pictures beside each other use more. libvips' own cache keeps operations that never recur. */
sharp.concurrency(1);
sharp.cache(false);

export { sharp };
