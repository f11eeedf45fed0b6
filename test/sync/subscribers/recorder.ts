import { defineSubscriber } from "@inlet/sync";
import { z } from "zod";

/** Sends each change to a receiver of the tests. */
export default defineSubscriber({
  name: "recorder",
  settings: z.object({ url: z.url() }),
  secrets: ["token?"],
  async push({ key, id, fields, version, idempotencyKey }, { http, settings, secrets }) {
    const headers = { "idempotency-key": idempotencyKey, authorization: secrets.token ?? "" };
    const body = { key, id, fields, version };
    const answer = (await http.json("POST", settings.url, { body, headers })) as { id: string };
    return { id: answer.id };
  },
  async remove({ key, id, version, idempotencyKey }, { http, settings }) {
    const headers = { "idempotency-key": idempotencyKey };
    await http.json("POST", settings.url, { body: { key, id, fields: null, version }, headers });
  },
});
