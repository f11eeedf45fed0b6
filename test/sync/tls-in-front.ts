import { type AddressInfo, connect, createServer } from "node:net";
import { TLSSocket } from "node:tls";
import { generate } from "selfsigned";

/** What a client asks for encryption with (PostgreSQL's protocol, "SSLRequest"). */
const SSL_REQUEST = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);

/** A PostgreSQL server that speaks TLS alone, in front of one that does not. Its certificate is for `localhost`. */
export async function openTlsInFront(databaseUrl: string) {
  const { port, hostname } = new URL(databaseUrl);
  const pems = await generate([{ name: "commonName", value: "localhost" }], {
    extensions: [{ name: "subjectAltName", altNames: [{ type: 2, value: "localhost" }] }],
  });
  let refused = 0;
  const server = createServer((socket) => {
    socket.on("error", () => {});
    socket.once("data", (first) => {
      if (!first.equals(SSL_REQUEST)) {
        refused += 1;
        socket.destroy();
        return;
      }
      socket.write("S");
      const secure = new TLSSocket(socket, { isServer: true, key: pems.private, cert: pems.cert });
      const inner = connect(Number(port), hostname);
      secure.on("error", () => inner.destroy());
      inner.on("error", () => secure.destroy());
      secure.pipe(inner).pipe(secure);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    ca: pems.cert,
    /** Clients that did not ask for encryption. */
    refused: () => refused,
    close: () => server.close(),
  };
}
