import type { ServerResponse } from "node:http";

/** What waits for a slow reader at most. Beyond it the stream is told nothing more until it has caught up. */
export const MOST_WAITING_BYTES = 1024 * 1024;
/** A reader that takes nothing for this long is gone, or as good as gone. */
const CATCH_UP_MS = 30_000;

/** One caller's open stream of server-sent events. */
export interface EventStream {
  /** Writes an event that was made by {@link formatEvent}; one that is behind misses it. */
  write(event: Buffer): void;
  /** Ends it in order: the browser comes back after `retry`. */
  end(): void;
  readonly isOpen: boolean;
}

/** One event as it goes over the wire. The data has no line breaks, because JSON escapes them. */
export function formatEvent(name: string, data: string, id: string): Buffer {
  return Buffer.from(`id: ${id}\nevent: ${name}\ndata: ${data}\n\n`);
}

/** A comment, which keeps proxies and sockets awake. */
export const HEARTBEAT = Buffer.from(": \n\n");

/**
 * Writes a stream whose reader may be slower than the hub: what waits for it is bounded, what does not fit is left out, and
 * once it has caught up it is told to ask anew.
 * @param onBehind makes the event that says so
 */
export function openEventStream(
  response: ServerResponse,
  { onBehind, onClose }: { onBehind: () => Buffer; onClose: () => void },
): EventStream {
  let isBehind = false;
  let isOpen = true;
  let deadline: NodeJS.Timeout | undefined;

  response.on("drain", () => {
    if (!isBehind) return;
    isBehind = false;
    clearTimeout(deadline);
    response.write(onBehind());
  });
  response.on("close", () => {
    isOpen = false;
    clearTimeout(deadline);
    onClose();
  });
  // A reader that went away in the middle of a write is no fault of ours.
  response.on("error", () => {});

  return {
    write(event) {
      if (!isOpen || isBehind) return;
      // Only one whose buffers are full says when it has caught up.
      if (!response.writableNeedDrain || response.writableLength + event.length <= MOST_WAITING_BYTES) {
        response.write(event);
        return;
      }
      isBehind = true;
      deadline = setTimeout(() => response.destroy(), CATCH_UP_MS).unref();
    },
    end() {
      if (isOpen) response.end();
    },
    get isOpen() {
      return isOpen;
    },
  };
}
