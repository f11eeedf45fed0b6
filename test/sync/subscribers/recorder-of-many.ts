import { defineSubscriber } from "@inlet/sync";
import { z } from "zod";

/** Sends changes to a receiver of the tests many at a time. It refuses a call as a whole when one of them is refused. */
export default defineSubscriber({
  name: "recorder_of_many",
  settings: z.object({ url: z.url() }),
  batchSize: 50,
  async pushMany(items, { http, settings }) {
    const body = items.map(({ key, id, fields, version, idempotencyKey, isRemoved }) => ({
      ...{ key, id, version, idempotencyKey },
      fields: isRemoved ? null : fields,
    }));
    const ids = (await http.json("POST", settings.url, { body })) as string[];
    return ids.map((id) => ({ id }));
  },
});
