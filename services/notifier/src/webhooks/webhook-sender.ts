import { webhookUrl } from "@inlet/database";
import { runWebhooks, type WorkerOptions } from "@inlet/pipeline";
import { openHostPlaces } from "@inlet/remote-http";
import type { RemoteNetwork } from "@inlet/remote-network";
import { openReceiverHosts } from "./receiver-hosts.ts";
import { openReceivers } from "./tell-receiver.ts";

interface SenderOptions extends WorkerOptions {
  network: RemoteNetwork;
  /** The key-encryption key. */
  key: Buffer;
  /** Receivers on one host that are told at once. `concurrency` is the same of all hosts. */
  perHost: number;
  /** For one attempt in all. */
  timeoutMs?: number;
}

/** Tells webhooks' receivers what the outbox has for them. */
export async function openWebhookSender(options: SenderOptions): Promise<{ close(): Promise<void> }> {
  const { database, network, key, perHost, timeoutMs } = options;
  const receivers = openReceivers({ network, key, ...(timeoutMs === undefined ? {} : { timeoutMs }) });
  const places = openHostPlaces(perHost);
  const hostOf = openReceiverHosts((webhookId) => webhookUrl(database, webhookId));
  const worker = await runWebhooks({
    ...options,
    tell: receivers.tell,
    async place(webhookId) {
      const place = places.take(await hostOf(webhookId));
      if ("waitMs" in place) return place;
      return {
        release: (answer) => place.release(answer === undefined ? "untried" : answer.error === null ? "well" : "badly"),
      };
    },
  });
  return {
    async close() {
      await worker.close();
      await receivers.close();
    },
  };
}
