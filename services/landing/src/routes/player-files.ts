import type { PlayerFiles } from "@inlet/player/files";
import type { FastifyInstance } from "fastify";
import { acceptedEncoding } from "./encoding.ts";
import { FOR_EVER } from "./for-ever.ts";
import { sendNotFound } from "./notices.ts";

/** `GET /s/:name`: the player's script and its fonts, from memory. Their names hold hashes of their bytes. */
export function addPlayerFilesRoute(app: FastifyInstance, { player }: { player: PlayerFiles }): void {
  app.get<{ Params: { name: string } }>("/s/:name", { config: { kind: "player" } }, async (request, reply) => {
    const file = player.files.get(request.params.name);
    if (file === undefined) return await sendNotFound(reply);
    reply.headers({ ...FOR_EVER, "content-type": file.mediaType, "cross-origin-resource-policy": "same-origin" });
    const { brotli, gzip } = file;
    if (brotli === undefined || gzip === undefined) return reply.send(file.bytes);
    const encoding = acceptedEncoding(request, ["br", "gzip"]);
    reply.header("vary", "accept-encoding");
    if (encoding === undefined) return reply.send(file.bytes);
    return reply.header("content-encoding", encoding).send(encoding === "br" ? brotli : gzip);
  });
}
