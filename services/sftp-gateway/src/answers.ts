import type { SFTPWrapper } from "ssh2";
import type { Flow } from "./flow.ts";
import type { Attributes } from "./listing.ts";
import { STATUS } from "./status.ts";

/** What is said to a client on one stream. Each answer counts in the flow, so that none pile up in memory. */
export class Answers {
  readonly #flow: Flow;
  readonly #stream: SFTPWrapper;

  constructor(flow: Flow, stream: SFTPWrapper) {
    this.#flow = flow;
    this.#stream = stream;
  }

  status(id: number, status: number, message = ""): void {
    this.#flow.answering(this.#stream);
    this.#stream.status(id, status, message);
  }

  ok(id: number): void {
    this.status(id, STATUS.ok);
  }

  attributes(id: number, attributes: Attributes): void {
    this.#flow.answering(this.#stream);
    this.#stream.attrs(id, attributes);
  }

  handle(id: number, handle: Buffer): void {
    this.#flow.answering(this.#stream);
    this.#stream.handle(id, handle);
  }

  data(id: number, bytes: Buffer): void {
    this.#flow.answering(this.#stream);
    this.#stream.data(id, bytes);
  }

  names(id: number, names: readonly object[]): void {
    this.#flow.answering(this.#stream);
    this.#stream.name(id, names as never);
  }

  /** Resolves when the client has taken enough of what was answered to be sent more. */
  room(): Promise<void> {
    return this.#flow.room(this.#stream);
  }

  /** Counts bytes that came in until the work on them has ended. */
  takeIn<T>(sizeBytes: number, work: Promise<T>): Promise<T> {
    return this.#flow.takeIn(sizeBytes, work);
  }
}
