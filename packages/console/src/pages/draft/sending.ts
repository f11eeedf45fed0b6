import { ApiRefusal } from "@inlet/client/browser";
import { useSyncExternalStore } from "react";
import { api } from "../../api/client.ts";
import { isRetryable } from "../../api/failure.ts";

/** How far a file is on its way. It goes on while other pages are looked at. */
export interface Sending {
  sentBytes: number;
  sizeBytes: number;
  /** `waiting`: the connection broke; it is tried again by itself. `failed`: it is not, see `error`. */
  state: "sending" | "waiting" | "failed" | "done";
  error: unknown;
}

/** Large enough that the way there and back does not count, small enough that little is sent twice. */
const CHUNK_BYTES = 8 * 1024 * 1024;
const FIRST_WAIT_MS = 1_000;
const MOST_WAIT_MS = 20_000;

const sendings = new Map<number, Sending>();
const listeners = new Set<() => void>();

function tell(draftId: number, sending: Sending): void {
  sendings.set(draftId, sending);
  for (const listener of listeners) listener();
}

/** How far this page is with sending a draft's file; undefined: it does not send it. */
export function useSending(draftId: number): Sending | undefined {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    () => sendings.get(draftId),
  );
}

/** Sends a draft's file from an offset on, chunk by chunk, and goes on by itself where the connection broke. */
export function beginSending(draftId: number, file: File, fromByte: number): void {
  const running = sendings.get(draftId)?.state;
  if (running === "sending" || running === "waiting") return;
  tell(draftId, { sentBytes: fromByte, sizeBytes: file.size, state: "sending", error: undefined });
  void send(draftId, file, fromByte);
}

async function send(draftId: number, file: File, fromByte: number): Promise<void> {
  const sizeBytes = file.size;
  let sentBytes = fromByte;
  let waitMs = FIRST_WAIT_MS;
  while (sentBytes < sizeBytes) {
    try {
      const chunk = file.slice(sentBytes, sentBytes + CHUNK_BYTES);
      sentBytes = await api.sendDraftContent(draftId, sentBytes, chunk);
      waitMs = FIRST_WAIT_MS;
      tell(draftId, { sentBytes, sizeBytes, state: "sending", error: undefined });
    } catch (error) {
      if (!mayGoOn(error)) return tell(draftId, { sentBytes, sizeBytes, state: "failed", error });
      tell(draftId, { sentBytes, sizeBytes, state: "waiting", error });
      await wait(waitMs);
      waitMs = Math.min(waitMs * 2, MOST_WAIT_MS);
      // Part of the chunk may have arrived: the hub knows how much.
      sentBytes = (await api.draft(draftId).catch(() => undefined))?.receivedBytes ?? sentBytes;
    }
  }
  tell(draftId, { sentBytes: sizeBytes, sizeBytes, state: "done", error: undefined });
}

/** A broken connection passes, and so does a chunk that begins where the hub is not any more. */
const mayGoOn = (error: unknown) =>
  isRetryable(error) || (error instanceof ApiRefusal && error.status === 409 && error.code === "offset_differs");

const wait = (ms: number) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      window.removeEventListener("online", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    window.addEventListener("online", done);
  });
