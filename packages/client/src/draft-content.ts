import type { Send } from "./transport.ts";

/** What is sent in one request: few requests for a large file, and little to send again. */
const PIECE_BYTES = 8 * 1024 * 1024;
/** How long is waited after so many failures in a row. */
const WAITS_MS = [500, 1_000, 2_000, 5_000, 10_000, 15_000, 15_000, 30_000];

/** How content is sent. */
export interface ContentSending {
  /** Told how much the hub has on its disk. */
  onProgress?: ((receivedBytes: number) => void) | undefined;
  /** Told that the connection is lost, and how long it is waited before it is tried again; and, with null, that it is back. */
  onWaiting?: ((waitMs: number | null) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Sends a draft's content. Whatever the hub has already is not sent again, so that the same call goes on after a page was
 * closed, or a machine slept. Gives up when nothing moves for more than a minute.
 * @throws AppError: what the hub refuses; Unavailable when it cannot be reached
 */
export const sendDraftContent =
  (send: Send) =>
  async (id: number, content: Blob, { onProgress, onWaiting, signal }: ContentSending = {}): Promise<void> => {
    const path = `/v1/drafts/${id}/content`;
    const offsetOf = (response: Response) => Number(response.headers.get("upload-offset"));
    let offset: number | undefined;
    let reachedBytes = -1;
    for (let failures = 0; ; ) {
      try {
        offset ??= (await send("draftSchema", "GET", `/v1/drafts/${id}`, undefined, { signal })).receivedBytes;
        if (failures > 0) onWaiting?.(null);
        // A piece that broke may have brought it further all the same.
        if (offset > reachedBytes) failures = 0;
        reachedBytes = Math.max(reachedBytes, offset);
        onProgress?.(offset);
        if (offset >= content.size) return;
        const headers = { "content-type": "application/partial-upload", "upload-offset": String(offset) };
        const body = content.slice(offset, offset + PIECE_BYTES);
        offset = offsetOf(await send.raw(path, { method: "PATCH", headers, body, signal, timed: false }));
        failures = 0;
      } catch (error) {
        const waitMs = WAITS_MS[failures];
        if (signal?.aborted || waitMs === undefined || !mayPass(error)) throw error;
        failures += 1;
        // What the hub has kept of the piece, it says itself.
        offset = undefined;
        onWaiting?.(waitMs);
        await pause(waitMs, signal);
      }
    }
  };

/** The connection, a hub that is away, or a request of before of which the hub does not know yet that it is dead. */
function mayPass(error: unknown): boolean {
  const { retryable, code } = error as { retryable?: boolean; code?: string };
  return retryable === true || code === "draft_being_written" || code === "upload_offset_differs";
}

function pause(waitMs: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, waitMs);
    signal?.addEventListener("abort", stop, { once: true });
  });
}
