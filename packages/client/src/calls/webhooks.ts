import type { NewWebhook, WebhookChange, WebhookDeliveryState, WebhookRotation } from "@inlet/contracts";
import { part, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

/** Conditions on a webhook's deliveries; absent ones do not count. */
interface DeliveryConditions {
  state?: WebhookDeliveryState | undefined;
  cursor?: string | undefined;
  limit?: number | undefined;
}

export const webhookCalls = (send: Send) => ({
  webhooks: async (client: string) =>
    (await send("webhookListSchema", "GET", `/v1/clients/${part(client)}/webhooks`)).webhooks,
  /** Its `secret` is shown in this answer and never again. */
  addWebhook: (client: string, webhook: NewWebhook) =>
    send("createdWebhookSchema", "POST", `/v1/clients/${part(client)}/webhooks`, webhook),
  webhook: (id: number) => send("webhookSchema", "GET", `/v1/webhooks/${id}`),
  changeWebhook: (id: number, change: WebhookChange) => send("webhookSchema", "PATCH", `/v1/webhooks/${id}`, change),
  removeWebhook: (id: number) => send("removedWebhookSchema", "DELETE", `/v1/webhooks/${id}`),
  /** The new `secret` is shown in this answer and never again. */
  rotateWebhook: (id: number, rotation: WebhookRotation = {}) =>
    send("createdWebhookSchema", "POST", `/v1/webhooks/${id}/rotate`, rotation),
  /** The delivery is on its way: ask for it again. */
  pingWebhook: (id: number) => send("webhookDeliveryDetailSchema", "POST", `/v1/webhooks/${id}/ping`, {}),
  deliveries: (webhookId: number, conditions: DeliveryConditions = {}) =>
    send("webhookDeliveryPageSchema", "GET", `/v1/webhooks/${webhookId}/deliveries${queryOf({ ...conditions })}`),
  delivery: (id: number) => send("webhookDeliveryDetailSchema", "GET", `/v1/deliveries/${id}`),
  resendDelivery: (id: number) => send("webhookDeliveryDetailSchema", "POST", `/v1/deliveries/${id}/resend`, {}),
});
