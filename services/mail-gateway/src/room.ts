import { statfs } from "node:fs/promises";
import type { Logger } from "@inlet/runtime";
import { SmtpRefusal } from "./refusal.ts";

/** @throws SmtpRefusal when the disk has no room for so many bytes more */
export type AssertRoom = (sizeBytes: number) => Promise<void>;

/** Opens the watch over the room on a folder's disk, of which so much stays free: what was acknowledged needs it. */
export function openRoom(
  folder: string,
  { minFreeBytes, logger }: { minFreeBytes: number; logger: Logger },
): AssertRoom {
  return async (sizeBytes) => {
    const { bavail, bsize } = await statfs(folder);
    const freeBytes = bavail * bsize;
    if (freeBytes >= minFreeBytes + sizeBytes) return;
    logger.warn({ freeBytes }, "too little room on the data folder's disk; mail is put off");
    throw new SmtpRefusal(452, "4.3.1 There is no room for a message at the moment. Try again later.");
  };
}
