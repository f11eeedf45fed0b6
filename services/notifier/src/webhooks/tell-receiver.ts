import type { Readable } from "node:stream";
import { AppError } from "@inlet/contracts";
import type { StoredError } from "@inlet/database";
import { receiverOf, type Tell, type WebhookAnswer } from "@inlet/pipeline";
import { networkWords, openGuardedAgent, retryAfterMs } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
import { unseal, webhookSignature } from "@inlet/runtime";

/** From the first look at the name to the end of the answer. Standard Webhooks asks for 15 to 30 s. */
const TOTAL_TIMEOUT_MS = 15_000;

/** So much of an answer's body is read and kept. */
const ANSWER_BYTES = 2_048;

/** A receiver may ask for days of peace; how long an event is kept at all is not decided here. */
const LONGEST_PAUSE_MS = 30 * 86_400_000;

interface Receivers {
  tell: Tell;
  close(): Promise<void>;
}

interface ReceiversOptions {
  network: RemoteNetwork;
  /** The key-encryption key: secrets are stored sealed. */
  key: Buffer;
  /** Default 15 s. */
  timeoutMs?: number;
}

/** The way to webhooks' receivers. */
export function openReceivers({ network, key, timeoutMs = TOTAL_TIMEOUT_MS }: ReceiversOptions): Receivers {
  const agent = openGuardedAgent(network);
  return {
    async tell({ eventId, clientId, url, secrets, event, signal }) {
      const at = new Date();
      const startedMs = performance.now();
      const body = JSON.stringify(event);
      const sentAtSeconds = Math.floor(at.getTime() / 1000);
      const opened = secrets.map((sealed) => unseal(key, sealed, `webhook:${clientId}`));
      const timeout = AbortSignal.timeout(timeoutMs);
      const given = AbortSignal.any([timeout, signal]);
      const answered = (answer: Omit<WebhookAnswer, "at" | "durationMs">): WebhookAnswer => ({
        at,
        durationMs: Math.round(performance.now() - startedMs),
        ...answer,
      });
      try {
        const { origin, pathname, search } = new URL(url);
        const response = await agent.request({
          origin,
          path: pathname + search,
          method: "POST",
          headers: {
            "content-type": "application/json",
            "user-agent": "Inlet-Webhooks",
            accept: "*/*",
            "accept-encoding": "identity",
            "webhook-id": eventId,
            "webhook-timestamp": String(sentAtSeconds),
            "webhook-signature": webhookSignature({ eventId, sentAtSeconds, body }, opened),
          },
          body,
          signal: given,
        });
        const { statusCode: status } = response;
        const answer = await beginningOf(response.body);
        return answered({
          status,
          answer,
          error: refusalOf(url, status),
          retryAfterMs: retryAfterMs(response.headers, at, LONGEST_PAUSE_MS),
        });
      } catch (cause) {
        const error = timeout.aborted && !signal.aborted ? tooSlow(url, timeoutMs) : faultOf(url, cause);
        return answered({ status: null, answer: "", error });
      }
    },
    close: () => agent.destroy(),
  };
}

/** What is told of an answer is its status: that its body breaks off or never ends changes nothing of it. */
async function beginningOf(body: Readable): Promise<string> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  try {
    for await (const chunk of body as AsyncIterable<Buffer>) {
      chunks.push(chunk);
      sizeBytes += chunk.length;
      if (sizeBytes >= ANSWER_BYTES) break;
    }
  } catch {
    // What has come is shown.
  } finally {
    body.on("error", () => {}).destroy();
  }
  const text = Buffer.concat(chunks).subarray(0, ANSWER_BYTES).toString("utf8");
  // A stranger's text, which people are shown: no controls but line breaks, and no half character at its end.
  return text
    .replace(/\r\n?/g, "\n")
    .replace(/[^\P{Cc}\n\t]/gu, "\ufffd")
    .replace(/\ufffd+$/, "");
}

function refusalOf(url: string, status: number): StoredError | null {
  if (status >= 200 && status < 300) return null;
  const where = receiverOf(url);
  if (status >= 300 && status < 400) {
    const message = `${where} answered ${status}. Redirects are not followed: give the webhook its new address.`;
    return { code: "receiver_redirects", message, retryable: true };
  }
  if (status === 410) {
    return { code: "receiver_gone", message: `${where} answered 410: it wants no more events.`, retryable: false };
  }
  return { code: "receiver_refuses", message: `${where} answered ${status}, and not 2xx.`, retryable: true };
}

const tooSlow = (url: string, timeoutMs: number): StoredError => ({
  code: "receiver_slow",
  message: `${receiverOf(url)} did not answer within ${timeoutMs / 1000} s. Answer first, then do the work.`,
  retryable: true,
});

function faultOf(url: string, cause: unknown): StoredError {
  const where = receiverOf(url);
  if (cause instanceof AppError && cause.code === "remote_address_refused") {
    const found = [cause.context.addresses].flat().join(", ");
    return {
      code: "receiver_address_refused",
      message: `${where} is at ${found}: an address of the hub's own surroundings. If it is right, have the platform's operator allow it (REMOTE_ALLOW).`,
      retryable: true,
    };
  }
  if (cause instanceof AppError && cause.code === "remote_clear_text") {
    return {
      code: "receiver_clear_text",
      message: `${where} is not told in clear text. Use https; or, where the way there is safe by itself, have the platform's operator allow the address (REMOTE_ALLOW).`,
      retryable: true,
    };
  }
  const message = `${where} cannot be reached: ${networkWords(cause)}`;
  return { code: "receiver_unreachable", message, retryable: true };
}
