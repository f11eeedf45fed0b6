import type { Socket } from "node:net";
import type { SFTPWrapper } from "ssh2";
import { waitingAnswers } from "./channel.ts";

/**
 * What a client has sent and nobody has worked on yet, per connection. Above any `high` nothing more is read from the
 * network until all are below `low`.
 */
const INBOUND = {
  /** Uploaded bytes that wait for the disk. */
  writeBytes: { high: 8 * 2 ** 20, low: 2 * 2 ** 20 },
  /** Requests that wait for their turn; each may cost a query. */
  requests: { high: 512, low: 128 },
  /** What those requests carry: a path may be as long as a packet. */
  requestBytes: { high: 4 * 2 ** 20, low: 2 ** 20 },
} as const;
/** What a WRITE costs besides its bytes, or many empty ones would count as nothing. */
const WRITE_OVERHEAD_BYTES = 1024;
/** Bytes that wait for the network, per connection. */
const OUTBOUND_HIGH_BYTES = 4 * 2 ** 20;
/** A client that lets so much wait is not reading its answers. */
const MAX_WAITING_ANSWERS = 20_000;
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/**
 * Keeps a connection's memory bounded, which ssh2 does not: it buffers what comes in and what goes out without limit.
 * Requests and uploads stop the socket while the database or the disk is behind; downloads wait while the client is behind; answers that are made in
 * one turn of the event loop go out in one piece.
 */
export class Flow {
  readonly #socket: Socket;
  readonly #inbound = { writeBytes: 0, requests: 0, requestBytes: 0 };
  #paused = false;
  #corked = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = () => this.#wake();
    socket.on("data", wake).on("drain", wake).once("close", wake);
  }

  /** Counts an upload's bytes in until `settled`. */
  async takeIn<T>(bytes: number, settled: Promise<T>): Promise<T> {
    const cost = bytes + WRITE_OVERHEAD_BYTES;
    this.#inbound.writeBytes += cost;
    this.#steer();
    try {
      return await settled;
    } finally {
      this.#inbound.writeBytes -= cost;
      this.#steer();
    }
  }

  /** Counts a request in that waits for its turn, with the bytes that it holds. Call what it returns when it is done. */
  queued(bytes: number): () => void {
    this.#inbound.requests += 1;
    this.#inbound.requestBytes += bytes;
    this.#steer();
    return () => {
      this.#inbound.requests -= 1;
      this.#inbound.requestBytes -= bytes;
      this.#steer();
    };
  }

  /** Resolves when the client takes data again. */
  async room(stream: SFTPWrapper): Promise<void> {
    while (!this.#socket.destroyed && this.#isBehind(stream)) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    }
  }

  /** Call before each answer. */
  answering(stream: SFTPWrapper): void {
    if (waitingAnswers(stream) > MAX_WAITING_ANSWERS || this.#socket.writableLength > MAX_WAITING_BYTES) {
      this.#socket.destroy();
    }
    if (this.#corked) return;
    this.#corked = true;
    this.#socket.cork();
    setImmediate(() => {
      this.#corked = false;
      this.#socket.uncork();
    });
  }

  /** Stops and starts reading from the network. */
  #steer(): void {
    const amounts = Object.entries(this.#inbound) as [keyof typeof INBOUND, number][];
    if (!this.#paused && amounts.some(([kind, amount]) => amount > INBOUND[kind].high)) {
      this.#paused = true;
      this.#socket.pause();
    } else if (this.#paused && amounts.every(([kind, amount]) => amount < INBOUND[kind].low)) {
      this.#paused = false;
      this.#socket.resume();
    }
  }

  #isBehind(stream: SFTPWrapper): boolean {
    return waitingAnswers(stream) > 0 || this.#socket.writableLength > OUTBOUND_HIGH_BYTES;
  }

  #wake(): void {
    if (this.#waiting.length === 0) return;
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const resolve of waiting) resolve();
  }
}
