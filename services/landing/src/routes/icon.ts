import type { FastifyInstance } from "fastify";
import { drawIcon } from "../page/icon.ts";
import { FOR_EVER } from "./for-ever.ts";
import { sendNotFound } from "./notices.ts";

/** `GET /i/:name`: the icon of a page whose storyboard brings none. */
export function addIconRoute(app: FastifyInstance): void {
  app.get<{ Params: { name: string } }>("/i/:name", { config: { kind: "icon" } }, async (request, reply) => {
    const icon = drawIcon(request.params.name);
    if (icon === undefined) return await sendNotFound(reply);
    return reply
      .headers({ ...FOR_EVER, "content-type": "image/svg+xml", "cross-origin-resource-policy": "same-origin" })
      .send(icon);
  });
}
