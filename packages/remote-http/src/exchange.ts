import { Readable } from "node:stream";
import type { Dispatcher } from "undici";
import { TooLarge, unpackedBody } from "./body.ts";

/** An answer with its body, unpacked. */
export interface Exchanged {
  status: number;
  headers: Record<string, string | string[] | undefined>;
  body: Buffer;
}

interface ExchangeOptions {
  maxBytes: number;
  /** Its end is the exchange's. */
  signal: AbortSignal;
  /** The answer has begun. */
  onAnswer(): void;
}

/**
 * Sends one request and takes its answer. A body that is not packed is taken as it comes, without a stream: for small answers that
 * is half of what a request costs.
 * @throws TooLarge
 */
export function exchange(
  agent: Dispatcher,
  request: Dispatcher.DispatchOptions,
  { maxBytes, signal, onAnswer }: ExchangeOptions,
): Promise<Exchanged> {
  return new Promise((resolve, reject) => {
    let controller: Dispatcher.DispatchController | undefined;
    let status = 0;
    let headers: Exchanged["headers"] = {};
    const chunks: Buffer[] = [];
    let sizeBytes = 0;
    let packed: Readable | undefined;

    const abort = () => controller?.abort(signal.reason);
    const end = (finish: () => void) => {
      signal.removeEventListener("abort", abort);
      finish();
    };
    const fail = (error: Error) => {
      controller?.abort(error);
      end(() => reject(error));
    };
    const unpack = (encoding: string) => {
      packed = new Readable({ read: () => controller?.resume() });
      unpackedBody(packed, encoding, maxBytes).then((body) => end(() => resolve({ status, headers, body })), fail);
    };

    signal.addEventListener("abort", abort, { once: true });
    agent.dispatch(request, {
      onRequestStart(started) {
        controller = started;
        if (signal.aborted) abort();
      },
      onResponseStart(_controller, statusCode, raw) {
        if (statusCode < 200) return;
        status = statusCode;
        headers = raw;
        onAnswer();
        const encoding = raw["content-encoding"];
        const hasBody = request.method !== "HEAD" && status !== 204 && status !== 304;
        if (encoding !== undefined && hasBody) unpack(`${encoding}`);
      },
      onResponseData(_controller, chunk) {
        if (packed !== undefined) {
          if (!packed.push(chunk)) controller?.pause();
          return;
        }
        sizeBytes += chunk.length;
        if (sizeBytes > maxBytes) fail(new TooLarge());
        else chunks.push(chunk);
      },
      onResponseEnd() {
        if (packed !== undefined) packed.push(null);
        else {
          const body = chunks.length === 1 ? chunks[0]! : Buffer.concat(chunks, sizeBytes);
          end(() => resolve({ status, headers, body }));
        }
      },
      onResponseError(_controller, error) {
        if (packed !== undefined) packed.destroy(error);
        end(() => reject(error));
      },
    });
  });
}
