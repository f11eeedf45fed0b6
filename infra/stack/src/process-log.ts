import { createWriteStream, renameSync, statSync } from "node:fs";
import path from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";

/** Takes one line that a process wrote, or that was said about it. */
export type LineSink = (process: string, line: string) => void;

/** A log that is larger when its process is opened is set aside (once: the one before it goes). */
const ROTATE_BYTES = 20 * 1024 * 1024;
/** Kept in memory, for the message of a failed start and for tests. */
const RECENT_LINES = 500;

/** What one process writes: into a file, to whoever looks on, and its last lines kept. */
export class ProcessLog {
  readonly recent: string[] = [];
  readonly #name: string;
  readonly #sink: LineSink;
  readonly #file;

  constructor(folder: string, name: string, sink: LineSink) {
    this.#name = name;
    this.#sink = sink;
    const file = path.join(folder, `${name}.log`);
    rotate(file);
    this.#file = createWriteStream(file, { flags: "a", mode: 0o600 });
    // A full disk must not end the supervisor: the lines are lost, the hub goes on.
    this.#file.on("error", () => {});
  }

  /** Follows a stream of the process, line by line. */
  follow(stream: Readable | null): void {
    if (!stream) return;
    stream.on("error", () => {});
    createInterface({ input: stream, crlfDelay: Number.POSITIVE_INFINITY }).on("line", (line) => this.write(line));
  }

  write(line: string): void {
    this.recent.push(line);
    if (this.recent.length > RECENT_LINES) this.recent.shift();
    if (this.#file.writable) this.#file.write(`${line}\n`);
    this.#sink(this.#name, line);
  }

  close(): Promise<void> {
    return new Promise((resolve) => this.#file.end(() => resolve()));
  }
}

/** Sets a log aside that has grown large. */
export function rotate(file: string): void {
  try {
    if (statSync(file).size > ROTATE_BYTES) renameSync(file, `${file}.1`);
  } catch {
    // There is none yet.
  }
}
