import type { AddressInfo } from "node:net";
import { createServer, type Server as NetServer, type Socket } from "node:net";
import type { Account } from "@inlet/database";
import ssh2 from "ssh2";
import type { AccountViews } from "./account-views.ts";
import { listHolds, normaliseAddress } from "./addresses.ts";
import { ALGORITHMS } from "./algorithms.ts";
import { ClientConnection } from "./connection.ts";
import type { Context } from "./context.ts";
import { type Defender, POINTS } from "./defender.ts";
import { takeProxyHeader } from "./proxy-socket.ts";

/** A client that does not answer three of these, 45 s in all, is gone. */
const KEEPALIVE = { keepaliveInterval: 15_000, keepaliveCountMax: 3 };
/** At shutdown, requests under way get this long to be answered. */
const DRAIN_MS = 10_000;

interface ListenerOptions {
  context: Context;
  defender: Defender;
  views: AccountViews;
  hostKeys: readonly string[];
  host: string;
  port: number;
  /** CIDRs that may connect; empty: any. */
  allow: readonly string[];
  /** CIDRs of load balancers, whose connections begin with a PROXY header that names the client. */
  proxyFrom: readonly string[];
}

/** Accepts connections: who may come in at all, and how many at once. */
export class Listener {
  readonly #options: ListenerOptions;
  readonly #ssh: ssh2.Server;
  readonly #server: NetServer;
  readonly #connections = new Map<string, ClientConnection>();
  #accepting = true;

  private constructor(options: ListenerOptions) {
    this.#options = options;
    // It never listens by itself: sockets are handed to it after the checks.
    this.#ssh = new ssh2.Server({
      hostKeys: [...options.hostKeys],
      algorithms: ALGORITHMS,
      ident: "Inlet",
      ...KEEPALIVE,
    });
    this.#ssh.on("connection", (client, { ip, port }) => {
      const connection = this.#connections.get(socketKey(ip, port));
      if (connection) connection.attach(client);
      else client.end();
    });
    this.#server = createServer({ noDelay: true, pauseOnConnect: true }, (socket) => void this.#accept(socket));
  }

  /** Opens the port. @throws when it cannot be bound */
  static async open(options: ListenerOptions): Promise<Listener> {
    const listener = new Listener(options);
    await new Promise<void>((resolve, reject) => {
      listener.#server.once("error", reject);
      listener.#server.listen(options.port, options.host, resolve);
    });
    return listener;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** @throws when nothing is accepted */
  assertListening(): void {
    if (!this.#accepting || !this.#server.listening) throw new Error("the SFTP port is closed");
  }

  get sessions(): number {
    return this.#connections.size;
  }

  /** Stops accepting, lets requests under way be answered, and ends all connections; their uploads stay as parts. */
  async close(): Promise<void> {
    this.#accepting = false;
    this.#server.close();
    const connections = [...this.#connections.values()];
    const settled = () => Promise.all(connections.map((connection) => connection.settled()));
    await Promise.race([settled(), new Promise((resolve) => setTimeout(resolve, DRAIN_MS).unref())]);
    for (const connection of connections) connection.drop();
    await settled();
  }

  async #accept(socket: Socket): Promise<void> {
    const { context, defender, allow } = this.#options;
    // Nobody else listens for errors until the connection is handed on.
    socket.on("error", () => socket.destroy());
    const { remoteAddress, remotePort } = socket;
    if (remoteAddress === undefined || remotePort === undefined) return void socket.destroy();
    const address = await this.#clientAddress(socket, normaliseAddress(remoteAddress));
    if (address === undefined || socket.destroyed) return void socket.destroy();
    const reason = this.#whyNot(address, allow);
    if (reason !== undefined) {
      context.logger.info({ address, reason }, "a connection was refused");
      return void socket.destroy();
    }
    const { limits } = context;
    const connection = new ClientConnection({
      context,
      defender,
      views: this.#options.views,
      socket,
      address,
      admit: (candidate, account) => this.#whyNoSession(candidate, account),
    });
    const key = socketKey(remoteAddress, remotePort);
    this.#connections.set(key, connection);
    socket.once("close", () => this.#connections.delete(key));
    if (this.#unauthenticated(address) > limits.unauthenticatedPerAddress) {
      await defender.score(address, POINTS.overLimit, { actor: "sftp", session: connection.session });
      return connection.drop();
    }
    if (await defender.isBanned(address)) return connection.drop();
    if (!socket.destroyed) this.#ssh.injectSocket(socket);
  }

  /** Who is at the other end: behind a load balancer, whom it names. undefined: it should have, and did not. */
  async #clientAddress(socket: Socket, peer: string): Promise<string | undefined> {
    const { context, proxyFrom } = this.#options;
    if (!listHolds(proxyFrom, peer)) return peer;
    try {
      const { address } = await takeProxyHeader(socket, context.limits.authMs);
      return address === undefined ? peer : normaliseAddress(address);
    } catch (err) {
      context.logger.warn({ err, peer }, "a load balancer sent no usable PROXY header");
      return undefined;
    }
  }

  #whyNot(address: string, allow: readonly string[]): string | undefined {
    const { limits } = this.#options.context;
    if (!this.#accepting) return "shutting down";
    if (allow.length > 0 && !listHolds(allow, address)) return "address not allowed";
    if (this.#connections.size >= limits.sessions + limits.unauthenticated) return "too many connections";
    if (this.#unauthenticated() >= limits.unauthenticated) return "too many connections that are not logged in";
    return undefined;
  }

  #unauthenticated(address?: string): number {
    let count = 0;
    for (const connection of this.#connections.values()) {
      if (!connection.isLoggedIn && (address === undefined || connection.address === address)) count += 1;
    }
    return count;
  }

  #whyNoSession(candidate: ClientConnection, account: Account): string | undefined {
    const { limits } = this.#options.context;
    let total = 0;
    let own = 0;
    for (const connection of this.#connections.values()) {
      if (connection === candidate || !connection.isLoggedIn) continue;
      total += 1;
      if (connection.accountId === account.id) own += 1;
    }
    if (total >= limits.sessions) return "too many sessions";
    return own >= limits.sessionsPerAccount ? "too many sessions of this account" : undefined;
  }
}

const socketKey = (address: string, port: number): string => `${address} ${port}`;
