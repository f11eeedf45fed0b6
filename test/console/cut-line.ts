import { type AddressInfo, connect, createServer } from "node:net";

/**
 * A line to a server that breaks once: after so many bytes of the browser's, with all that is under way on it. Until `mend`
 * nobody gets through.
 */
export async function openCutLine({ port, cutAfterBytes }: { port: number; cutAfterBytes: number }) {
  let bytes = 0;
  let state: "whole" | "cut" | "mended" = "whole";
  const server = createServer((client) => {
    if (state === "cut") return client.destroy();
    const hub = connect(port, "127.0.0.1");
    const end = () => {
      client.destroy();
      hub.destroy();
    };
    for (const side of [client, hub]) side.on("error", end).on("close", end);
    client.on("data", (chunk) => {
      bytes += chunk.length;
      if (state === "cut" || (state === "whole" && bytes >= cutAfterBytes)) {
        state = "cut";
        end();
      }
    });
    client.pipe(hub).pipe(client);
  });
  await new Promise<void>((listening) => server.listen(0, "127.0.0.1", listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    mend: () => {
      state = "mended";
    },
    close: () => void server.close(),
  };
}
