import { once } from "node:events";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";

interface Received {
  from: string;
  to: string[];
  bytes: Buffer;
  encrypted: boolean;
}

/** A real SMTP server. `options` let it refuse what a test wants refused. */
export async function openSmtpServer(options: SMTPServerOptions = {}) {
  const received: Received[] = [];
  const server = new SMTPServer({
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    logger: false,
    closeTimeout: 200,
    onData: (stream, session, done) => {
      buffer(stream).then((bytes) => {
        const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
        const to = session.envelope.rcptTo.map(({ address }) => address);
        received.push({ from, to, bytes, encrypted: session.secure });
        done(null, "2.0.0 queued as 4711");
      }, done);
    },
    ...options,
  });
  server.on("error", () => {});
  server.listen(0, "127.0.0.1");
  await once(server.server, "listening");
  const { port } = server.server.address() as AddressInfo;
  const close = () => new Promise<void>((resolve) => server.close(resolve));
  return { url: `smtp://127.0.0.1:${port}`, received, smtp: server, close };
}

/** An answer of the server's, with its code. */
export const refuse = (responseCode: number, text: string) => Object.assign(new Error(text), { responseCode });
