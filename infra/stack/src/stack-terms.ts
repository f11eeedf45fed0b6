import type { KeptProcess } from "./kept-process.ts";
import type { LineSink } from "./process-log.ts";
import type { ServiceName } from "./services.ts";

/** What kind of stack is wanted. */
export type StackOptions = {
  /** Keeps everything: databases, files, mails, keys, logs. Made when it is not there. */
  stateFolder: string;
  /** Which services, and how many processes of each; all of them, one each, when not given. `[]`: none. */
  services?: readonly ServiceName[] | Partial<Record<ServiceName, number>>;
  /** For tests: any free ports, a database from a template, failpoints armed by files; `stop()` removes everything. */
  temporary?: boolean;
  /**
   * Whether PostgreSQL waits until a commit is on the disk. Default: not in a temporary stack, of which nothing outlives the machine;
   * what is measured there needs it.
   */
  durable?: boolean;
  /** More variables for the services: for all, and for single ones. Changes count from a service's next start on. */
  env?: Record<string, string>;
  serviceEnv?: Partial<Record<ServiceName, Record<string, string>>>;
  /** Gets each line that a process writes. Every line is in the state folder's logs/ in any case. */
  onLine?: LineSink;
  /** Gets a word about what is being done, for a person who waits. */
  onProgress?: (what: string) => void;
};

/** A port that was asked for and was taken. */
export type ReplacedPort = { name: string; preferred: number; chosen: number };

/** A running hub. URLs and ports stay the same until `stop()`, whatever is restarted. */
export type Stack = {
  stateFolder: string;
  dataFolder: string;
  databaseUrl: string;
  redisUrl: string;
  smtpUrl: string;
  /** The mailbox's page, and its API under `/api/messages`; undefined when SMTP_URL names another server. */
  mailboxUrl: string | undefined;
  apiUrl: string;
  /** The console, where people open it. */
  consoleUrl: string;
  landingUrl: string;
  sftp: { host: string; port: number };
  /** Public ports by process name (`sftp-gateway`, `landing#2`, …). */
  ports: Record<string, number>;
  /** The key-encryption key, base64: for tests that seal or open for themselves. */
  key: string;
  /** Where the api writes the first admin key. */
  adminKeyFile: string;
  replacedPorts: ReplacedPort[];
  /**
   * A process by name: `postgres`, `redis`, `mailbox`, `validator`, `validator#2`. It can be stopped and started again,
   * and sent SIGKILL (it comes back), SIGSTOP or SIGCONT.
   */
  process: (name: string) => KeptProcess;
  processes: () => KeptProcess[];
  /** The last lines of a process. */
  recentLines: (name: string) => readonly string[];
  /** Temporary stacks: the next process that comes to this failpoint is killed (or stopped) there. */
  armFailpoint: (name: string, action?: "kill" | "stop") => Promise<void>;
  /** Services first, then the mailbox, Redis and PostgreSQL. State is kept, unless the stack is temporary. */
  stop: () => Promise<void>;
  /** Ends everything at once, while `stop` is waiting or without it. PostgreSQL recovers at the next start. */
  force: () => Promise<void>;
};
