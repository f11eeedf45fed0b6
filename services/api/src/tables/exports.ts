import { Readable } from "node:stream";
import { Refusal } from "../requests/errors.ts";

/** Each holds a connection for as long as its reader takes; the pool has ten for everybody. */
const MOST_EXPORTS = 3;
const RETRY_AFTER_SECONDS = 10;

/** Places for answers that are streamed out of the database: few, so that all other requests find connections. */
export interface ExportPlaces {
  /**
   * Begins to stream, holding a place until the stream is at its end or destroyed. What goes wrong before the first chunk
   * is thrown, and so is still an answer with a status.
   * @throws Refusal `too_many_exports` when there is no place left
   */
  stream(chunks: () => AsyncGenerator<Buffer>): Promise<Readable>;
}

/** Opens the places of one process. */
export function openExportPlaces(): ExportPlaces {
  let taken = 0;
  return {
    async stream(chunks) {
      if (taken >= MOST_EXPORTS) {
        throw new Refusal(
          429,
          "too_many_exports",
          `${MOST_EXPORTS} tables are being exported already. Wait until one of them is through.`,
          undefined,
          { retryAfterSeconds: RETRY_AFTER_SECONDS },
        );
      }
      taken += 1;
      const source = chunks();
      try {
        const first = await source.next();
        const all = async function* () {
          if (!first.done) yield first.value;
          yield* source;
        };
        const stream = Readable.from(all(), { objectMode: false });
        // Also when nobody has read from it: a generator that was never begun runs no `finally`.
        stream.once("close", () => {
          taken -= 1;
          source.return(undefined).catch(() => {});
        });
        return stream;
      } catch (error) {
        taken -= 1;
        throw error;
      }
    },
  };
}
