import type { ChangeEvent } from "@inlet/contracts";
import { AppError } from "@inlet/contracts/errors";

/** After a connection that was lost; twice as long each time that the hub is still away. */
const RETRY_MS = 1_000;
const LONGEST_RETRY_MS = 30_000;
/** The hub writes something every 15 s. A stream that is silent for longer is dead, whatever the sockets say. */
const SILENCE_MS = 40_000;

/** Opens the stream anew; with the id of the last event, once there was one. */
type Connect = (headers: Record<string, string>) => Promise<Response>;

/**
 * Reads a stream of server-sent events (WHATWG HTML, section 9.2) for as long as the signal allows, over as many connections
 * as it takes. What the hub does not know how to say to this caller (a 4xx) is thrown.
 */
export async function* readEvents(
  connect: Connect,
  { signal }: { signal: AbortSignal },
): AsyncGenerator<ChangeEvent, void> {
  let lastId: string | undefined;
  let retryMs = RETRY_MS;
  while (!signal.aborted) {
    try {
      const response = await connect({ accept: "text/event-stream", ...(lastId && { "last-event-id": lastId }) });
      for await (const { event, data, id } of eventsOf(response, signal)) {
        lastId = id ?? lastId;
        retryMs = RETRY_MS;
        if (event !== undefined && data !== undefined) yield { event, data: JSON.parse(data) } as ChangeEvent;
      }
    } catch (error) {
      if (signal.aborted) return;
      if (error instanceof AppError && !error.retryable) throw error;
    }
    await pause(retryMs, signal);
    retryMs = Math.min(retryMs * 2, LONGEST_RETRY_MS);
  }
}

interface RawEvent {
  event?: string;
  data?: string;
  id?: string;
}

async function* eventsOf(response: Response, signal: AbortSignal): AsyncGenerator<RawEvent, void> {
  const reader = response.body!.pipeThrough(new TextDecoderStream()).getReader();
  const cancel = () => void reader.cancel().catch(() => {});
  signal.addEventListener("abort", cancel, { once: true });
  let text = "";
  try {
    for (;;) {
      const silence = setTimeout(cancel, SILENCE_MS);
      const { done, value } = await reader.read().finally(() => clearTimeout(silence));
      if (done) return;
      const parts = (text + value).split("\n\n");
      text = parts.pop()!;
      for (const part of parts) yield readEvent(part);
    }
  } finally {
    signal.removeEventListener("abort", cancel);
    cancel();
  }
}

function readEvent(part: string): RawEvent {
  const fields = part.split("\n").map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
  });
  return Object.fromEntries(fields.filter(([name]) => name !== "")) as RawEvent;
}

function pause(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener("abort", done, { once: true });
  });
}
