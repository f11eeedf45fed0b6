import { execFile } from "node:child_process";
import { createHash, randomBytes } from "node:crypto";
import { chmod, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { type ProfileInput, profileSchema } from "@inlet/contracts";
import { applyProfile, type Database, openDatabase, transaction } from "@inlet/database";
import { hashPassword } from "@inlet/runtime";
import { openTestStack, requireDebianTool, type Stack, type StackOptions, waitFor } from "@inlet/stack";
import SftpClient from "ssh2-sftp-client";

const exec = promisify(execFile);

/** An account of the gateway, and a private key and a password that open it. */
export interface TestAccount {
  id: number;
  username: string;
  password: string;
  keyFile: string;
  /** Where its folders are on disk. */
  jail: string;
  onDisk: (path: string) => string;
}

interface AccountOptions {
  client?: string;
  cidrs?: string[];
  projects?: string[] | null;
  publicKeys?: string[];
  enabled?: boolean;
}

interface ArrivalRow {
  id: number;
  path: string;
  fileName: string;
  generation: number;
  sizeBytes: number;
  location: string;
  sha256: string | null;
  state: string;
}

/** A gateway on a real PostgreSQL and Redis, without the rest of the hub: what arrives stays. */
export class TestGateway {
  readonly stack: Stack;
  readonly database: Database;
  /** A folder for the clients' own files. */
  readonly work: string;

  private constructor(stack: Stack, database: Database, work: string) {
    this.stack = stack;
    this.database = database;
    this.work = work;
  }

  static async open(env: Record<string, string> = {}, services: StackOptions["services"] = ["sftp-gateway"]) {
    // Tests fail to log in on purpose, all from one address.
    const own = { SFTP_NEVER_BAN: "127.0.0.1", ...env };
    const stack = await openTestStack({ services, serviceEnv: { "sftp-gateway": own } });
    const database = openDatabase(stack.databaseUrl, { applicationName: "inlet:test" });
    return new TestGateway(stack, database, await mkdtemp(join(tmpdir(), "inlet gateway ")));
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.stack.stop();
    await rm(this.work, { recursive: true, force: true });
  }

  get port(): number {
    return this.stack.sftp.port;
  }

  /** Makes or changes a project of the client `acme`, with /spring/Uploads and /spring/Downloads. */
  async project(overrides: Partial<ProfileInput> = {}): Promise<number> {
    const profile = profileSchema.parse({
      client: "acme",
      project: "spring",
      folders: { uploads: "/spring/Uploads", downloads: "/spring/Downloads" },
      tables: [{ name: "people", columns: [{ name: "email", type: "string" }] }],
      ...overrides,
    });
    return (await transaction(this.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }))).projectId;
  }

  async account(username: string, options: AccountOptions = {}): Promise<TestAccount> {
    const { client = "acme", cidrs = [], projects = null, enabled = true } = options;
    const keyFile = join(this.work, `${username}.key`);
    await this.makeKey(keyFile, "ed25519");
    const password = `pass of ${username} ${randomBytes(6).toString("hex")}`;
    const jail = randomBytes(16).toString("hex");
    const { rows } = await this.database.pool.query<{ id: number }>(
      `INSERT INTO accounts (client_id, username, jail, password_hash, public_keys, cidrs, projects, enabled)
       SELECT id, $2, $3, $4, $5, $6, $7, $8 FROM clients WHERE slug = $1 RETURNING id`,
      [
        client,
        username,
        jail,
        await hashPassword(password),
        options.publicKeys ?? [await readFile(`${keyFile}.pub`, "utf8")],
        cidrs,
        projects,
        enabled,
      ],
    );
    const onDisk = (path: string) => join(this.stack.dataFolder, "accounts", jail, path);
    return { id: rows[0]!.id, username, password, keyFile, jail, onDisk };
  }

  /** All that ever arrived, oldest first. */
  async arrivals({ id }: TestAccount): Promise<ArrivalRow[]> {
    const { rows } = await this.database.pool.query<ArrivalRow>(
      `SELECT id, path, file_name AS "fileName", generation, size_bytes AS "sizeBytes", location,
         encode(sha256, 'hex') AS sha256, state FROM arrivals WHERE account_id = $1 ORDER BY id`,
      [id],
    );
    return rows;
  }

  /** What has arrived and was not taken back: `path` of each. */
  async waiting(account: TestAccount): Promise<string[]> {
    return (await this.arrivals(account)).filter(({ state }) => state === "arrived").map(({ path }) => path);
  }

  /** The audit's rows of an actor, oldest first, as `action outcome reason`. */
  async audit(username: string): Promise<string[]> {
    const { rows } = await this.database.pool.query<{ line: string }>(
      `SELECT concat_ws(' ', action, outcome, path, detail ->> 'reason') AS line FROM audit WHERE actor = $1 ORDER BY id`,
      [`sftp:${username}`],
    );
    return rows.map(({ line }) => line);
  }

  /** A client in this process: for what no command-line client does, such as leaving in mid-upload. */
  async connect(account: TestAccount, options: { port?: number; localAddress?: string } = {}): Promise<RawClient> {
    const quiet = () => {};
    const client = new SftpClient("test", { error: quiet, end: quiet, close: quiet });
    await client.connect({
      host: "127.0.0.1",
      port: options.port ?? this.port,
      username: account.username,
      privateKey: await readFile(account.keyFile),
      ...(options.localAddress && { localAddress: options.localAddress }),
    });
    // ssh2 writes a packet in pieces; with Nagle's algorithm each request would wait 40 ms for a delayed ACK.
    (client as unknown as { client: { setNoDelay(on: boolean): void } }).client.setNoDelay(true);
    return new RawClient(client);
  }

  /** Runs OpenSSH's sftp with commands, by key. */
  async sftp(account: TestAccount, commands: string[], options: SftpOptions = {}): Promise<Outcome> {
    const batch = join(this.work, `batch-${randomBytes(4).toString("hex")}`);
    await writeFile(batch, `${commands.join("\n")}\n`);
    const password = options.password !== undefined;
    const settings: Record<string, string> = {
      StrictHostKeyChecking: "no",
      UserKnownHostsFile: "/dev/null",
      LogLevel: "ERROR",
      IdentitiesOnly: "yes",
      PreferredAuthentications: password ? "password" : "publickey",
      NumberOfPasswordPrompts: "1",
      BatchMode: password ? "no" : "yes",
      ConnectTimeout: "20",
      ...(options.from && { BindAddress: options.from }),
      ...options.settings,
    };
    const args = [
      ...Object.entries(settings).flatMap(([name, value]) => ["-o", `${name}=${value}`]),
      ...(password ? [] : ["-i", options.keyFile ?? account.keyFile]),
      ...["-P", `${options.port ?? this.port}`, "-b", batch, `${account.username}@127.0.0.1`],
    ];
    const { command, env } = await requireDebianTool("sftp");
    const answers = password ? await this.#askpass(options.password ?? "") : {};
    return await run(command, args, { env: { ...env, ...answers }, cwd: this.work });
  }

  /** The environment in which ssh asks a program for the password. */
  async #askpass(password: string): Promise<Record<string, string>> {
    const script = join(this.work, `askpass-${randomBytes(4).toString("hex")}`);
    await writeFile(script, '#!/bin/sh\nprintf "%s\\n" "$TEST_PASSWORD"\n');
    await chmod(script, 0o700);
    return { SSH_ASKPASS: script, SSH_ASKPASS_REQUIRE: "force", TEST_PASSWORD: password, DISPLAY: ":none" };
  }

  /** Makes a key pair as clients do. */
  async makeKey(file: string, type: "ed25519" | "rsa", bits = 2048): Promise<void> {
    const { command, env } = await requireDebianTool("ssh-keygen");
    const { code, output } = await run(command, ["-q", "-t", type, "-b", `${bits}`, "-N", "", "-f", file], { env });
    if (code !== 0) throw new Error(output);
  }

  /** Makes a file of the client's. */
  async file(name: string, content: string | Buffer): Promise<string> {
    const path = join(this.work, name);
    await writeFile(path, content);
    return path;
  }

  async waitFor<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    return await waitFor(ask, { timeoutMs: 30_000, what });
  }
}

interface SftpOptions {
  password?: string;
  keyFile?: string;
  /** The client's own address. */
  from?: string;
  port?: number;
  settings?: Record<string, string>;
}

/** How a program ended, and what it said. */
export interface Outcome {
  code: number;
  output: string;
}

/** Runs a program to its end. */
export async function run(
  command: string,
  args: string[],
  options: { env?: NodeJS.ProcessEnv; cwd?: string } = {},
): Promise<Outcome> {
  try {
    const { stdout, stderr } = await exec(command, args, { timeout: 50_000, maxBuffer: 2 ** 24, ...options });
    return { code: 0, output: stdout + stderr };
  } catch (error) {
    const { code, stdout, stderr, message } = error as Error & { code?: number; stdout?: string; stderr?: string };
    if (typeof code !== "number") throw new Error(`${command} did not end by itself: ${message}`);
    return { code, output: `${stdout}${stderr}` };
  }
}

export const sha256 = (bytes: Buffer | string): string => createHash("sha256").update(bytes).digest("hex");

type Callback<T> = (error: Error | null | undefined, result: T) => void;

/** The SFTP requests themselves, one method each. */
interface Requests {
  open(path: string, flags: string, done: Callback<Buffer>): void;
  close(handle: Buffer, done: Callback<void>): void;
  write(handle: Buffer, data: Buffer, from: number, length: number, at: number, done: Callback<void>): void;
  read(handle: Buffer, into: Buffer, from: number, length: number, at: number, done: Callback<number>): void;
  stat(path: string, done: Callback<{ size: number; mode: number; mtime: number }>): void;
  lstat(path: string, done: Callback<{ size: number; mode: number }>): void;
  setstat(path: string, attrs: object, done: Callback<void>): void;
  readdir(path: string, done: Callback<{ filename: string }[]>): void;
  rename(from: string, to: string, done: Callback<void>): void;
  unlink(path: string, done: Callback<void>): void;
  mkdir(path: string, done: Callback<void>): void;
  rmdir(path: string, done: Callback<void>): void;
  symlink(target: string, path: string, done: Callback<void>): void;
  readlink(path: string, done: Callback<string>): void;
  realpath(path: string, done: Callback<string>): void;
}

/** A connected client that can send any request, and vanish. */
export class RawClient {
  readonly client: SftpClient;
  readonly requests: Requests;

  constructor(client: SftpClient) {
    this.client = client;
    this.requests = (client as unknown as { sftp: Requests }).sftp;
  }

  /** Sends one request; resolves to its answer. @throws what the server refused it with */
  ask<T>(send: (requests: Requests, done: Callback<T>) => void): Promise<T> {
    return new Promise((resolve, reject) => {
      send(this.requests, (error, result) => (error ? reject(error) : resolve(result)));
    });
  }

  open = (path: string, flags: string) => this.ask<Buffer>((sftp, done) => sftp.open(path, flags, done));
  close = (handle: Buffer) => this.ask<void>((sftp, done) => sftp.close(handle, done));
  write = (handle: Buffer, data: Buffer | string, at: number) =>
    this.ask<void>((sftp, done) => sftp.write(handle, Buffer.from(data), 0, Buffer.byteLength(data), at, done));
  rename = (from: string, to: string) => this.ask<void>((sftp, done) => sftp.rename(from, to, done));
  remove = (path: string) => this.ask<void>((sftp, done) => sftp.unlink(path, done));
  stat = (path: string) =>
    this.ask<{ size: number; mode: number; mtime: number }>((sftp, done) => sftp.stat(path, done));
  setStat = (path: string, attrs: object) => this.ask<void>((sftp, done) => sftp.setstat(path, attrs, done));
  list = async (path: string) =>
    (await this.ask<{ filename: string }[]>((sftp, done) => sftp.readdir(path, done)))
      .map(({ filename }) => filename)
      .sort();

  /** Uploads a file whole. */
  async put(path: string, content: string | Buffer): Promise<void> {
    const handle = await this.open(path, "w");
    if (content.length > 0) await this.write(handle, content, 0);
    await this.close(handle);
  }

  /** The network is gone, without a word to the server but a reset. */
  vanish(): void {
    (this.client as unknown as { client: { destroy(): void } }).client.destroy();
  }

  async end(): Promise<void> {
    await this.client.end();
  }
}
