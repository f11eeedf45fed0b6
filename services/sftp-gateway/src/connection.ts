import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { Account } from "@inlet/database";
import type { Connection } from "ssh2";
import type { AccountViews } from "./account-views.ts";
import { Login } from "./authentication.ts";
import type { Context, Principal } from "./context.ts";
import type { Defender } from "./defender.ts";
import { Flow } from "./flow.ts";
import { SftpSession } from "./session.ts";

/** SFTP streams that one connection may open (OpenSSH's MaxSessions). */
const MAX_STREAMS = 10;

interface ConnectionOptions {
  context: Context;
  defender: Defender;
  views: AccountViews;
  socket: Socket;
  address: string;
  /** Decides on the limits for one more session of an account; a text is the reason against it. */
  admit: (connection: ClientConnection, account: Account) => string | undefined;
}

/** One client's connection: from its TCP connection to its end. */
export class ClientConnection {
  readonly address: string;
  readonly socket: Socket;
  readonly #options: ConnectionOptions;
  readonly #session = randomUUID();
  readonly #login: Login;
  readonly #streams = new Set<SftpSession>();
  #idle: NodeJS.Timeout | undefined;
  readonly #authDeadline: NodeJS.Timeout;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.address = options.address;
    this.socket = options.socket;
    const { context, defender, address, admit } = options;
    this.#login = new Login({
      context,
      defender,
      address,
      session: this.#session,
      admit: (account) => admit(this, account),
      disconnect: () => this.drop(),
    });
    this.#authDeadline = setTimeout(() => this.drop(), context.limits.authMs);
    this.socket.on("error", () => {});
    this.socket.once("close", () => this.#closed());
  }

  /** Names the connection in the audit and the log. */
  get session(): string {
    return this.#session;
  }

  /** Also while the answer that it is logged in is still under way. */
  get isLoggedIn(): boolean {
    return this.#login.result !== undefined;
  }

  get accountId(): number | undefined {
    return this.#login.result?.account.id;
  }

  /** Takes over the SSH connection, once the client has said who it is. */
  attach(client: Connection): void {
    client.on("error", (err: Error & { level?: string }) => {
      this.#options.context.logger.debug({ err, session: this.#session }, "an SSH connection failed");
      // ssh2 only half-closes a connection whose client does not answer keepalives.
      if (err.level === "client-timeout") this.drop();
    });
    client.on("authentication", (request) => void this.#login.answer(request));
    client.once("ready", () => this.#ready(client));
  }

  /** Ends the connection at once; open uploads stay as parts. */
  drop(): void {
    this.socket.destroy();
  }

  /** Resolves when all requests that were taken are answered, and, after the end, all handles are closed. */
  async settled(): Promise<void> {
    await Promise.all([...this.#streams].map((stream) => stream.settled()));
  }

  #ready(client: Connection): void {
    clearTimeout(this.#authDeadline);
    const loggedIn = this.#login.result;
    if (loggedIn === undefined || this.socket.destroyed) {
      this.drop();
      return;
    }
    const { id, clientId, username, jail } = loggedIn.account;
    const { session } = this;
    const { context } = this.#options;
    context.logger.info({ session, accountId: id, clientId, method: loggedIn.method }, "logged in");
    this.#idle = setTimeout(() => {
      context.logger.info({ session }, "an idle connection was closed");
      this.drop();
    }, context.limits.idleMs);
    this.#serve(client, { accountId: id, clientId, username, jail, address: this.address, session });
  }

  #serve(client: Connection, principal: Principal): void {
    const { context, views, socket } = this.#options;
    const flow = new Flow(socket);
    client.on("session", (acceptSession, rejectSession) => {
      if (this.#streams.size >= MAX_STREAMS) return rejectSession();
      // Only `sftp` is answered: ssh2 rejects shells, commands, terminals and forwarding where nobody listens for them.
      acceptSession().on("sftp", (acceptStream) => {
        const stream = acceptStream();
        const sftp = new SftpSession({
          context,
          principal,
          views,
          flow,
          stream,
          onRequest: () => this.#idle?.refresh(),
          onRevoked: () => this.drop(),
        });
        this.#streams.add(sftp);
        stream.once("close", () => void sftp.settled().then(() => this.#streams.delete(sftp)));
      });
    });
  }

  #closed(): void {
    clearTimeout(this.#authDeadline);
    clearTimeout(this.#idle);
    for (const stream of this.#streams) stream.end("the connection was lost");
    void this.#login.ended();
  }
}
