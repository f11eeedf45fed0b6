import { Unavailable } from "@inlet/contracts";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { sendDraftContent } from "./draft-content.ts";
import type { Send } from "./transport.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

const lost = () => new Unavailable({ code: "unreachable", message: "The connection broke." });

/** A connection on which every request for content breaks after so many bytes. */
function brokenAfter(bytes: number) {
  const hub = { receivedBytes: 0, requests: 0 };
  const send = Object.assign(async () => ({ receivedBytes: hub.receivedBytes }), {
    raw: async (_path: string, { body }: { body: Blob }) => {
      hub.requests += 1;
      hub.receivedBytes += Math.min(bytes, body.size);
      throw lost();
    },
  });
  return { hub, send: send as unknown as Send };
}

test("as long as every piece brings some of the file, it goes on, however often the connection breaks", async () => {
  const { hub, send } = brokenAfter(1);
  const sending = sendDraftContent(send)(1, new Blob(["twenty characters..."]));
  await Promise.all([vi.runAllTimersAsync(), sending]);
  expect(hub).toEqual({ receivedBytes: 20, requests: 20 });
});

test("it gives up when nothing moves", async () => {
  const { hub, send } = brokenAfter(0);
  const sending = sendDraftContent(send)(1, new Blob(["twenty characters..."]));
  await Promise.all([vi.runAllTimersAsync(), expect(sending).rejects.toThrow("The connection broke.")]);
  expect(hub.requests).toBe(9);
});
