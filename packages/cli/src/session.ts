import type { ApiClient } from "@inlet/client";
import { connect } from "./connection.ts";
import { type Terminal, terminalOn } from "./terminal.ts";

/** The options that every command has. */
export interface GlobalOptions {
  json?: boolean;
  url?: string;
  key?: string;
}

/** What a command works with. */
export interface Session {
  api: ApiClient;
  json: boolean;
  /** For people; with --json nothing is written to it. */
  out: Terminal;
  /** The result for programs: with --json, one line of stdout, the last. */
  result(value: object): void;
}

const SILENT: Terminal = {
  isTTY: false,
  columns: Number.POSITIVE_INFINITY,
  write: () => {},
  line: () => {},
  paint: (_, text) => text,
};

/** Opens what a command needs. */
export async function openSession(options: GlobalOptions): Promise<Session> {
  const json = options.json ?? false;
  return {
    api: await connect(options),
    json,
    out: json ? SILENT : terminalOn(process.stdout),
    result: (value) => json && process.stdout.write(`${JSON.stringify(value)}\n`),
  };
}
