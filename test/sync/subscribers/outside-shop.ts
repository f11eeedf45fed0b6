import { verifyWebhook, webhookSecretBytes } from "@inlet/runtime";
import { defineSubscriber, type IncomingItem, type OutsideFields } from "@inlet/sync";
import { z } from "zod";

interface Page {
  items: IncomingItem[];
  cursor: string | null;
  hasMore: boolean;
}

/** Speaks with a shop of the tests, both ways: see outside-shop.ts beside the tests. */
export default defineSubscriber({
  name: "outside_shop",
  settings: z.object({ url: z.url() }),
  secrets: ["secret?"],
  async push({ key, fields }, { http, settings }) {
    return (await http.json("PUT", `${settings.url}/items/${key}`, { body: fields })) as {
      id: string;
      version?: string;
    };
  },
  async remove({ key }, { http, settings }) {
    await http.json("DELETE", `${settings.url}/items/${key}`, { ignore: [404] });
  },
  async pull(cursor, { http, settings }) {
    return (await http.json("GET", `${settings.url}/changes?after=${cursor ?? 0}`)) as unknown as Page;
  },
  async list(cursor, { http, settings }) {
    return (await http.json("GET", `${settings.url}/items?after=${cursor ?? ""}`)) as unknown as Page;
  },
  async webhook(request, { secrets }) {
    const eventId = verifyWebhook(request, [webhookSecretBytes(secrets.secret ?? "")]);
    const { items } = JSON.parse(request.body.toString()) as { items: { id: string; fields: OutsideFields }[] };
    return { eventId, items };
  },
});
