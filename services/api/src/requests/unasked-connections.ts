import type { Socket } from "node:net";
import type { FastifyInstance } from "fastify";

/**
 * Ends, when the app closes, the connections that nothing was ever asked on. Browsers open some ahead of need, and Node
 * counts them as busy: closing would wait for their time-out, which is longer than a service has to stop.
 */
export function endUnaskedConnections(app: Pick<FastifyInstance, "server" | "addHook">): void {
  const unasked = new Set<Socket>();
  app.server.on("connection", (socket: Socket) => {
    unasked.add(socket);
    socket.once("close", () => unasked.delete(socket));
  });
  app.server.on("request", ({ socket }: { socket: Socket }) => unasked.delete(socket));
  app.addHook("preClose", async () => {
    for (const socket of unasked) socket.destroy();
  });
}
