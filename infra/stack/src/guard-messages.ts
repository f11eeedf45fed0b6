/** What a guard is asked to run: one server, its input given once, its output appended to a file. */
export type ServerCommand = {
  name: string;
  command: string;
  args: string[];
  cwd: string;
  env: NodeJS.ProcessEnv;
  input: string;
  logFile: string;
  stopSignal: NodeJS.Signals;
};

/** To the guard. `clients`: the processes that must have ended before the servers are, as `identityOf` writes them. */
export type GuardRequest = { id: number; do: "start"; server: ServerCommand } | { do: "clients"; identities: string[] };

/** From the guard. */
export type GuardReport =
  | { id: number; started: number }
  | { id: number; failed: string }
  | { ended: number; code: number | null; signal: NodeJS.Signals | null };
