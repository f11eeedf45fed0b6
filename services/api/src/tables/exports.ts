import { Readable } from "node:stream";
import type { Scope } from "@inlet/database";
import { Refusal } from "../requests/errors.ts";

/** Each holds a connection for as long as its reader takes; the pool has ten for everybody. */
const MOST_EXPORTS = 3;
/** Of those who see one client, all its users and keys together: a client that reads slowly does not stop the others. */
const MOST_OF_A_CLIENT = 2;
const RETRY_AFTER_SECONDS = 10;

/** Places for answers that are streamed out of the database: few, so that all other requests find connections. */
export interface ExportPlaces {
  /**
   * Begins to stream, holding a place until the stream is at its end or destroyed. What goes wrong before the first chunk
   * is thrown, and so is still an answer with a status.
   * @param scope the one client that the reader sees; null: all
   * @throws Refusal `too_many_exports` when there is no place left
   */
  stream(scope: Scope, chunks: () => AsyncGenerator<Buffer>): Promise<Readable>;
}

/** Opens the places of one process. */
export function openExportPlaces(): ExportPlaces {
  const taken = new Set<{ scope: Scope }>();
  return {
    async stream(scope, chunks) {
      const own = [...taken].filter((place) => scope !== null && place.scope === scope).length;
      if (taken.size >= MOST_EXPORTS || own >= MOST_OF_A_CLIENT) {
        const which = own >= MOST_OF_A_CLIENT ? `${own} tables of yours` : `${MOST_EXPORTS} tables`;
        throw new Refusal(
          429,
          "too_many_exports",
          `${which} are being exported already. Wait until one of them is through.`,
          undefined,
          { retryAfterSeconds: RETRY_AFTER_SECONDS },
        );
      }
      const place = { scope };
      taken.add(place);
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
          taken.delete(place);
          source.return(undefined).catch(() => {});
        });
        return stream;
      } catch (error) {
        taken.delete(place);
        throw error;
      }
    },
  };
}
