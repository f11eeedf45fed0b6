import { once } from "node:events";
import { buffer } from "node:stream/consumers";
import { SMTPServer, type SMTPServerOptions } from "smtp-server";
import { type Behaviour, SmtpRefusal } from "./behaviour.ts";
import type { MailStore } from "./mail-store.ts";

/** Larger mails are refused, as most providers do. */
const MAX_SIZE_BYTES = 25 * 1024 * 1024;

/** Receives mail for everybody, without a password: it listens on this machine only. */
export async function openSmtp(port: number, store: MailStore, behaviour: Behaviour): Promise<SMTPServer> {
  const options: SMTPServerOptions = {
    banner: "Inlet mailbox",
    disabledCommands: ["AUTH", "STARTTLS"],
    // A look-up of the sender's name costs seconds where no name server answers.
    disableReverseLookup: true,
    logger: false,
    size: MAX_SIZE_BYTES,
    closeTimeout: 2_000,
    onConnect: (_session, done) => settle(behaviour.apply("connect"), done),
    onRcptTo: ({ address }, _session, done) => settle(behaviour.apply("recipient", [address]), done),
    onData: (stream, session, done) => {
      const from = session.envelope.mailFrom ? session.envelope.mailFrom.address : "";
      const to = session.envelope.rcptTo.map(({ address }) => address);
      const receive = async () => {
        const bytes = await buffer(stream);
        if (stream.sizeExceeded) throw new SmtpRefusal(552, "the mail is larger than 25 MB");
        await behaviour.apply("data", to);
        const { id } = await store.save(bytes, { from, to });
        await behaviour.apply("stored", to);
        return id;
      };
      receive().then(
        (id) => done(null, `stored as ${id}`),
        (error) => done(error),
      );
    },
  };
  const server = new SMTPServer(options);
  server.on("error", () => {}); // A sender that hangs up in the middle; its mail was not stored.
  const listening = once(server.server, "listening");
  const failed = once(server.server, "error").then(([error]) => Promise.reject(error));
  server.listen(port, "127.0.0.1");
  await Promise.race([listening, failed]);
  failed.catch(() => {});
  return server;
}

const settle = (work: Promise<void>, done: (error?: Error | null) => void) =>
  void work.then(
    () => done(),
    (error: Error) => done(error),
  );
