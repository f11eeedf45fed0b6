import type { Socket } from "node:net";
import type { SFTPWrapper } from "ssh2";
import { waitingAnswers } from "./channel.ts";

/** Uploaded bytes that wait for the disk, per connection: above the first nothing more is read from the network. */
const INBOUND_HIGH_BYTES = 8 * 2 ** 20;
const INBOUND_LOW_BYTES = 2 * 2 ** 20;
/** Bytes that wait for the network, per connection. */
const OUTBOUND_HIGH_BYTES = 4 * 2 ** 20;
/** A client that lets so much wait is not reading its answers. */
const MAX_WAITING_ANSWERS = 20_000;
const MAX_WAITING_BYTES = 64 * 2 ** 20;

/**
 * Keeps a connection's memory bounded, which ssh2 does not: it buffers what comes in and what goes out without limit.
 * Uploads stop the socket while the disk is behind; downloads wait while the client is behind; answers that are made in
 * one turn of the event loop go out in one piece.
 */
export class Flow {
  readonly #socket: Socket;
  #inboundBytes = 0;
  #paused = false;
  #corked = false;
  #waiting: (() => void)[] = [];

  constructor(socket: Socket) {
    this.#socket = socket;
    const wake = () => this.#wake();
    socket.on("data", wake).on("drain", wake).once("close", wake);
  }

  /** Counts bytes in until `settled`. */
  async takeIn<T>(bytes: number, settled: Promise<T>): Promise<T> {
    this.#inboundBytes += bytes;
    if (!this.#paused && this.#inboundBytes > INBOUND_HIGH_BYTES) {
      this.#paused = true;
      this.#socket.pause();
    }
    try {
      return await settled;
    } finally {
      this.#inboundBytes -= bytes;
      if (this.#paused && this.#inboundBytes < INBOUND_LOW_BYTES) {
        this.#paused = false;
        this.#socket.resume();
      }
    }
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
