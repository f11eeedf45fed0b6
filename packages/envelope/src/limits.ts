/** Bounds for what a container may turn out to be. */
export interface UnwrapLimits {
  /** The bytes of all data files in it together, at most. */
  totalBytes: number;
  /**
   * How many times larger than its compressed form a data file may be. Deflate itself ends at 1,032. Looked at only
   * beyond {@link RATIO_FROM_BYTES}, because small repetitive files do compress well.
   */
  ratio?: number;
  /** Data files in one ZIP, at most: 100 unless told. */
  files?: number;
}

export const DEFAULT_RATIO = 500;
/** Below this size the ratio is not looked at. */
export const RATIO_FROM_BYTES = 64 * 1024 * 1024;
export const DEFAULT_FILES = 100;

/** Whether something is so much larger than what it came out of that it must be a bomb. */
export function isBomb(bytes: number, compressedBytes: number, { ratio = DEFAULT_RATIO }: UnwrapLimits): boolean {
  return bytes > RATIO_FROM_BYTES && bytes > compressedBytes * ratio;
}
