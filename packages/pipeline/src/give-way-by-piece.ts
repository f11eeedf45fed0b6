import type { StepWork } from "./stage.ts";

const PIECE_BYTES = 512 * 1024;

/**
 * To be told each chunk of a large file, and waited for: gives way after each half megabyte of them. What decrypts and what
 * encrypts makes chunks of a few kilobytes; a giant that gave way after each would hardly get on beside small files.
 */
export function giveWayByPiece(giveWay: StepWork["giveWay"]): (chunk: Uint8Array) => Promise<void> | undefined {
  let bytes = 0;
  return ({ length }) => {
    bytes += length;
    if (bytes < PIECE_BYTES) return undefined;
    bytes = 0;
    return giveWay();
  };
}
