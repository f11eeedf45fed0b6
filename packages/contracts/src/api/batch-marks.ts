import { z } from "zod";
import { BATCH_MARK_WORDS, type BatchMark } from "../batch-words.ts";

/** See {@link BatchMark}. */
export const batchMarkSchema = z.enum(Object.keys(BATCH_MARK_WORDS) as [BatchMark, ...BatchMark[]]).meta({
  description:
    "`tick`: it went through. `partial`: its good rows did. `cross`: nothing of it was imported, or it did not get to its " +
    "end. `duplicate`: it was received before. `running`: it is being worked on. `waiting`: it waits for its turn.",
});
