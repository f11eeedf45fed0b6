import { defineSubscriber } from "@inlet/sync";
import { z } from "zod";

const answerSchema = z.object({ items: z.array(z.record(z.string(), z.json())), next: z.string(), more: z.boolean() });
const proof = ({ apiKey }: Readonly<Record<string, string>>) => ({ authorization: `Bearer ${apiKey}` });

/** Say here what the system is and where its API is described. Profiles name it by `use: example`; docs/sync.md tells the rest. */
export default defineSubscriber({
  name: "example",
  settings: z.strictObject({ url: z.url() }),
  secrets: ["apiKey"],
  async push({ key, fields, idempotencyKey }, { settings, secrets, http }) {
    const headers = { ...proof(secrets), "idempotency-key": idempotencyKey };
    await http.json("PUT", `${settings.url}/items/${encodeURIComponent(key)}`, { headers, body: fields });
    return { id: key };
  },
  async remove({ key }, { settings, secrets, http }) {
    const url = `${settings.url}/items/${encodeURIComponent(key)}`;
    // What is gone already is as it should be.
    await http.json("DELETE", url, { headers: proof(secrets), ignore: [404] });
  },
  // Leave it out where nothing comes back from there.
  async pull(cursor, { settings, secrets, http }) {
    const answer = await http.json("GET", `${settings.url}/items?after=${cursor ?? 0}`, { headers: proof(secrets) });
    const { items, next, more } = answerSchema.parse(answer);
    return { items: items.map((fields) => ({ id: String(fields.sku), fields })), cursor: next, hasMore: more };
  },
});
