import type { AddressInfo } from "node:net";
import { type Database, isEmailAddress } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { SMTPServer, type SMTPServerAddress, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import type { Certificate } from "./certificate.ts";
import type { MailGatewayEnv } from "./env.ts";
import type { Metrics } from "./metrics.ts";
import { openPeers } from "./peers.ts";
import { type ReceiveParts, receiveMessage } from "./receive-message.ts";
import { comeAgain, SmtpRefusal } from "./refusal.ts";

interface ListenerOptions {
  env: MailGatewayEnv;
  hostname: string;
  certificate: Certificate;
  database: Database;
  receive: ReceiveParts;
  logger: Logger;
  metrics: Metrics;
}

/** The open port. */
export interface Listener {
  readonly port: number;
  readonly connections: number;
  /** @throws when nothing is accepted */
  assertListening(): void;
  useCertificate(certificate: Certificate): void;
  /** Stops accepting; messages under way are taken to their end or come again. */
  close(): Promise<void>;
}

/** At shutdown, senders get this long to end what they are at. */
const DRAIN_MS = 8_000;
/** XCLIENT and XFORWARD are off by themselves; the last three are jests of the library. */
const DISABLED = ["AUTH", "VRFY", "HELP", "WIZ", "SHELL", "KILL"];

/**
 * Opens the port on which mail servers hand over messages for our domains. It asks for encryption, offers no login, and
 * passes nothing on.
 * @throws when the port cannot be bound
 */
export async function openListener(options: ListenerOptions): Promise<Listener> {
  const { env, hostname, certificate, logger, metrics } = options;
  const peers = openPeers({
    connections: env.MAIL_MAX_CONNECTIONS_PER_ADDRESS,
    messagesPerMinute: env.MAIL_MAX_MESSAGES_PER_MINUTE,
  });
  const underWay = new Set<Promise<unknown>>();
  const server: SMTPServer = new SMTPServer({
    name: hostname,
    banner: "Inlet",
    heloResponse: "%s",
    ...certificate,
    minVersion: "TLSv1.2",
    disabledCommands: DISABLED,
    // A look-up of the sender's name costs seconds where no name server answers, and says nothing.
    disableReverseLookup: true,
    hideSMTPUTF8: true,
    hideDSN: true,
    hideREQUIRETLS: true,
    // Ours stand in the texts, where the library would choose by the code alone.
    hideENHANCEDSTATUSCODES: true,
    logger: false,
    size: env.MAIL_MAX_BYTES,
    maxRecipients: env.MAIL_MAX_RECIPIENTS,
    maxClients: env.MAIL_MAX_CONNECTIONS,
    socketTimeout: env.MAIL_IDLE_TIMEOUT_SECONDS * 1000,
    closeTimeout: DRAIN_MS,
    onConnect: (session, done) => {
      const entered = peers.enter(session.remoteAddress, session.id);
      done(entered ? null : new SmtpRefusal(421, "4.7.0 Too many connections from your address. Try again later."));
    },
    onClose: (session) => peers.leave(session.remoteAddress, session.id),
    onMailFrom: (_address, session, done) => settle(mayBegin(session), done),
    onRcptTo: (address, _session, done) => settle(mayReceive(address), done),
    onData: (stream, session, done) => {
      const work = receive(stream, session).then(
        (text) => done(null, text),
        (error: Error) => done(error),
      );
      underWay.add(work);
      void work.finally(() => underWay.delete(work));
    },
  });
  // A sender that hangs up in the middle, or speaks no TLS: its message was not taken, and it knows.
  server.on("error", (err) => logger.debug({ err }, "a connection broke"));

  async function mayBegin({ secure, remoteAddress }: SMTPServerSession): Promise<void> {
    if (env.MAIL_REQUIRE_TLS && !secure) throw new SmtpRefusal(530, "5.7.0 Must issue a STARTTLS command first");
    if (!peers.countMessage(remoteAddress)) {
      throw new SmtpRefusal(450, "4.7.1 Too many messages from your address. Try again later.");
    }
    await options.receive.assertRoom(env.MAIL_MAX_BYTES);
  }

  async function mayReceive({ address }: SMTPServerAddress): Promise<void> {
    const { localPart, domain } = split(address);
    if (!env.MAIL_DOMAINS.includes(domain)) throw new SmtpRefusal(550, "5.7.1 No mail is passed on here.");
    if (env.MAIL_SHARED_ADDRESSES.includes(localPart)) return;
    if (!(await isEmailAddress(options.database, localPart))) {
      throw new SmtpRefusal(550, "5.1.1 There is no such address here.");
    }
  }

  async function receive(stream: SMTPServerDataStream, session: SMTPServerSession): Promise<string> {
    const timer = setTimeout(() => hangUp(session), env.MAIL_DATA_TIMEOUT_SECONDS * 1000);
    try {
      const { outcome } = await receiveMessage(options.receive, stream, {
        ip: session.remoteAddress,
        helo: session.hostNameAppearsAs || session.remoteAddress,
        envelopeFrom: session.envelope.mailFrom ? session.envelope.mailFrom.address : "",
        recipients: session.envelope.rcptTo.map(({ address }) => address.toLowerCase()),
      });
      metrics.answered(outcome);
      return outcome === "refused" ? "2.0.0 Not taken; an answer is on its way" : "2.0.0 Taken";
    } catch (error) {
      metrics.answered(outcomeOf(error, stream));
      throw error;
    } finally {
      clearTimeout(timer);
    }
  }

  function hangUp({ id }: SMTPServerSession): void {
    for (const connection of server.connections) {
      if (connection.id !== id) continue;
      connection.send(421, "4.4.2 The message took too long.");
      connection.close();
    }
  }

  await new Promise<void>((resolve, reject) => {
    server.server.once("error", reject);
    server.listen(env.SMTP_IN_PORT, env.HOST, resolve);
  });
  return {
    get port() {
      return (server.server.address() as AddressInfo).port;
    },
    get connections() {
      return server.connections.size;
    },
    assertListening() {
      if (!server.server.listening) throw new Error("the SMTP port is closed");
    },
    useCertificate: (renewed) => server.updateSecureContext({ ...renewed }),
    async close() {
      await new Promise<void>((resolve) => server.close(resolve));
      await Promise.all(underWay);
    },
  };
}

function split(address: string): { localPart: string; domain: string } {
  const at = address.lastIndexOf("@");
  return { localPart: address.slice(0, at).toLowerCase(), domain: address.slice(at + 1).toLowerCase() };
}

function outcomeOf(error: unknown, stream: SMTPServerDataStream): string {
  if (!stream.writableEnded && stream.destroyed) return "broken";
  if (!(error instanceof SmtpRefusal)) return "broken";
  if (error.responseCode === 552) return "too_large";
  return error.responseCode < 500 ? "put_off" : "turned_away";
}

/** What is no refusal is a fault of ours, such as a PostgreSQL that is away: the sender comes again. */
const settle = (work: Promise<void>, done: (error?: Error | null) => void) =>
  void work.then(
    () => done(),
    (error: Error) => done(error instanceof SmtpRefusal ? error : comeAgain()),
  );
