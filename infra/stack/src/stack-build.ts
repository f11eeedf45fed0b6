import { randomBytes } from "node:crypto";
import { mkdir, readFile, rm, writeFile } from "node:fs/promises";
import path from "node:path";
import { fileURLToPath } from "node:url";
import { migrate, openServiceRole, type RestrictedService, SERVICE_ROLES } from "@inlet/database";
import { TOOLS } from "../../bootstrap/pinned.js";
import { buildConsole, buildPlayer } from "./browser-build.ts";
import { findFfmpeg } from "./ffmpeg-binary.ts";
import { type Guard, openGuard } from "./guard.ts";
import { FIRST_PAUSE_MS, type KeptProcess } from "./kept-process.ts";
import { keepNodeProgram } from "./node-process.ts";
import { choosePort, releasePort } from "./ports.ts";
import { openPostgres, type Server, type ServerOptions } from "./postgres.ts";
import { ProcessLog, rotate } from "./process-log.ts";
import { openRedis } from "./redis.ts";
import { removeServerHome } from "./server-home.ts";
import { definitionOf, FIRST_HEALTH_PORT, type HubFacts, mainOf, type ServiceName, serviceEnv } from "./services.ts";
import type { ReplacedPort, Stack, StackOptions } from "./stack-terms.ts";
import { openKey, type StateFolder } from "./state-folder.ts";

/** The stack's own servers, and the services unless INLET_HOST says otherwise, are reachable from this machine only. */
const HOST = "127.0.0.1";
const PREFERRED = { postgres: 5433, redis: 6380, smtp: 1025, mailbox: 8025 };

/** Puts a stack together, piece by piece; what is there at any moment can be stopped. */
export class StackBuild {
  readonly #state: StateFolder;
  readonly #options: StackOptions;
  readonly #guard: Guard;
  readonly #servers = new Map<string, KeptProcess>();
  readonly #services = new Map<string, KeptProcess>();
  readonly #logs = new Map<string, ProcessLog>();
  readonly #ports: Record<string, number> = {};
  readonly #handedOut: number[] = [];
  readonly #replaced: ReplacedPort[] = [];
  /** Where the renderer finds ffmpeg. */
  #ffmpegEnv: Record<string, string> = {};
  #stopping: Promise<void> | undefined;

  constructor(state: StateFolder, options: StackOptions) {
    this.#state = state;
    this.#options = options;
    this.#guard = openGuard(state.runFolder("guard"));
  }

  async open(counts: Map<ServiceName, number>): Promise<Stack> {
    const { folder } = this.#state;
    // Beside all else: nothing waits for it but the word that all is up.
    const consoleBuilt = counts.has("api") ? this.#build("the console", buildConsole) : undefined;
    const playerBuilt = counts.has("landing") ? this.#build("the player", buildPlayer) : undefined;
    const [database, redis, mailbox, key] = await all([
      this.#openDatabase(),
      this.#openRedis(),
      this.#openMailbox(),
      this.#external("INLET_KEY") ?? openKey(folder),
      mkdir(path.join(folder, "data"), { recursive: true }),
      mkdir(path.join(folder, "failpoints"), { recursive: true }),
    ]);
    const ownDatabaseUrls = await this.#openServiceRoles(database);
    this.#progress("bringing the database up to date");
    await migrate(database);
    // Others are told where these are before they start.
    for (const service of ["landing", "api", "sftp-gateway", "syncer"] as const) {
      if (counts.has(service)) this.#ports[service] = await this.#port(service, definitionOf(service).port?.preferred);
    }
    const facts: HubFacts = {
      host: this.#host,
      databaseUrl: database,
      ownDatabaseUrls,
      redisUrl: redis,
      dataFolder: path.join(folder, "data"),
      key,
      smtpUrl: mailbox.smtpUrl,
      mailFrom: this.#external("MAIL_FROM") ?? "Inlet <inlet@localhost>",
      landingUrl: this.#external("LANDING_URL") ?? `http://${this.#reachable}:${this.#ports.landing ?? 0}`,
      inwardUrl:
        this.#external("INWARD_URL") ??
        (counts.has("syncer") ? `http://${this.#reachable}:${this.#ports.syncer ?? 0}` : ""),
      consoleUrl: this.#external("CONSOLE_URL") ?? `http://${this.#reachable}:${this.#ports.api ?? 0}`,
      sftp: { port: this.#ports["sftp-gateway"] ?? 0 },
      adminKeyFile: path.join(folder, "admin-key"),
    };
    // Not before Redis is there, which may have been fetched, too: apt does one thing at a time.
    if (counts.has("renderer")) await this.#fetchFfmpeg();
    // Landing reads it when it starts.
    await playerBuilt;
    await this.#startServices(counts, facts);
    await consoleBuilt;
    const stack = this.#describe(facts, mailbox.url);
    await this.#writeAddresses(stack);
    return stack;
  }

  /** Not HOST: some shells export that with another meaning. */
  get #host(): string {
    return this.#external("INLET_HOST") ?? HOST;
  }

  /** Where a service that listens on `#host` can be reached. */
  get #reachable(): string {
    return ["0.0.0.0", "::"].includes(this.#host) ? HOST : this.#host;
  }

  /** A hub without its console or player is still a hub: API and landing say in their place how to build it. */
  async #build(what: string, build: typeof buildConsole): Promise<void> {
    if (this.#options.temporary) return;
    try {
      await build(() => this.#progress(`building ${what}`));
    } catch (error) {
      this.#progress((error as Error).message);
    }
  }

  /** Beside all else: a hub without videos is still a hub. */
  async #fetchFfmpeg(): Promise<void> {
    const { env, fetched } = await findFfmpeg();
    this.#ffmpegEnv = env;
    fetched.catch((error: Error) => this.#progress(error.message));
  }

  async #openDatabase(): Promise<string> {
    return this.#external("DATABASE_URL") ?? this.#startServer("postgres", openPostgres, PREFERRED.postgres);
  }

  /** In somebody else's PostgreSQL no roles are made: there all services log in as DATABASE_URL says. */
  async #openServiceRoles(databaseUrl: string): Promise<Record<string, string>> {
    if (this.#external("DATABASE_URL")) return {};
    const urls: Record<string, string> = {};
    for (const service of Object.keys(SERVICE_ROLES) as RestrictedService[]) {
      urls[service] = await openServiceRole(databaseUrl, service, randomBytes(24).toString("hex"));
    }
    return urls;
  }

  async #openRedis(): Promise<string> {
    return this.#external("REDIS_URL") ?? this.#startServer("redis", openRedis, PREFERRED.redis);
  }

  /** What the person set for a lasting hub; a test does not depend on it. */
  #external(
    variable:
      | "DATABASE_URL"
      | "REDIS_URL"
      | "SMTP_URL"
      | "INLET_KEY"
      | "MAIL_FROM"
      | "LANDING_URL"
      | "INWARD_URL"
      | "CONSOLE_URL"
      | "INLET_HOST",
  ) {
    return this.#options.temporary ? undefined : process.env[variable] || undefined;
  }

  async #startServer(
    name: string,
    open: (options: ServerOptions) => Promise<Server>,
    preferred: number,
  ): Promise<string> {
    this.#progress(`starting ${name}`);
    const { serverHome, logFolder } = this.#state;
    rotate(path.join(logFolder, `${name}.log`));
    const port = await this.#port(name, preferred);
    const tell = (line: string) => this.#options.onLine?.(name, line);
    const temporary = this.#options.temporary ?? false;
    const durable = this.#options.durable ?? !temporary;
    const { process: server, url } = await open({
      home: serverHome,
      logFolder,
      guard: this.#guard,
      temporary,
      durable,
      port,
      tell,
    });
    this.#servers.set(name, server);
    await server.start().catch(async (error: Error) => {
      throw new Error([error.message, ...(await lastLinesOf(path.join(logFolder, `${name}.log`)))].join("\n  "));
    });
    return url;
  }

  async #openMailbox(): Promise<{ smtpUrl: string; url: string | undefined }> {
    const external = this.#external("SMTP_URL");
    if (external) return { smtpUrl: external, url: undefined };
    const [smtp, web] = [await this.#port("smtp", PREFERRED.smtp), await this.#port("mailbox", PREFERRED.mailbox)];
    const url = `http://${HOST}:${web}`;
    const mailFolder = path.join(this.#state.folder, "mail");
    const mailbox = keepNodeProgram({
      name: "mailbox",
      main: fileURLToPath(new URL("./mailbox/mailbox-main.ts", import.meta.url)),
      env: () => ({ MAIL_FOLDER: mailFolder, SMTP_PORT: `${smtp}`, WEB_PORT: `${web}` }),
      readyUrl: `${url}/readyz`,
      runFolder: this.#state.runFolder("mailbox"),
      log: this.#log("mailbox"),
      onStart: () => {},
    });
    this.#servers.set("mailbox", mailbox);
    await mailbox.start();
    return { smtpUrl: `smtp://${HOST}:${smtp}`, url };
  }

  async #startServices(counts: Map<ServiceName, number>, facts: HubFacts): Promise<void> {
    this.#progress("starting the services");
    for (const [service, count] of counts)
      for (let copy = 1; copy <= count; copy++)
        await this.#addService(service, copy === 1 ? service : `${service}#${copy}`, facts);
    const starts = await Promise.allSettled([...this.#services.values()].map((service) => service.start()));
    const failures = starts.flatMap((start) => (start.status === "rejected" ? [start.reason as Error] : []));
    if (failures.length > 0) throw new Error(failures.map(({ message }) => this.#withLastLines(message)).join("\n"));
  }

  async #addService(service: ServiceName, name: string, facts: HubFacts): Promise<void> {
    const { port } = definitionOf(service);
    const health = await this.#port(`health of ${name}`, FIRST_HEALTH_PORT, { quiet: true });
    if (port) this.#ports[name] ||= await this.#port(name, port.preferred);
    const { env = {}, serviceEnv: own = {} } = this.#options;
    const ofTests = this.#options.temporary
      ? { INLET_FAILPOINTS: path.join(this.#state.folder, "failpoints"), ...COMPILE_CACHE }
      : {};
    const kept = keepNodeProgram({
      name,
      main: mainOf(service),
      env: () => ({
        ...serviceEnv(service, facts),
        HEALTH_PORT: `${health}`,
        ...(port && { [port.variable]: `${this.#ports[name]}` }),
        ...(service === "renderer" && this.#ffmpegEnv),
        ...ofTests,
        ...env,
        ...own[service],
      }),
      // A renderer is up while its ffmpeg is still on the way.
      readyUrl: `http://${this.#reachable}:${health}/${service === "renderer" ? "healthz" : "readyz"}`,
      runFolder: this.#state.runFolder(name),
      log: this.#log(name),
      // Tests kill a process again and again, and nothing is wrong with it.
      longestPauseMs: this.#options.temporary ? FIRST_PAUSE_MS : undefined,
      onStart: () => this.#tellGuard(),
    });
    this.#services.set(name, kept);
  }

  /** Should this process be killed, the guard waits for these before it stops PostgreSQL and Redis. */
  #tellGuard(): void {
    const identities = [...this.#services.values()].flatMap(({ identity }) => identity ?? []);
    this.#guard.setClients(identities);
  }

  #log(name: string): ProcessLog {
    const log = new ProcessLog(this.#state.logFolder, name, (process, line) => this.#options.onLine?.(process, line));
    this.#logs.set(name, log);
    return log;
  }

  async #port(name: string, preferred: number | undefined, { quiet = false } = {}): Promise<number> {
    const wanted = this.#options.temporary ? undefined : preferred;
    const chosen = await choosePort(wanted);
    this.#handedOut.push(chosen);
    if (wanted !== undefined && chosen !== wanted && !quiet) this.#replaced.push({ name, preferred: wanted, chosen });
    return chosen;
  }

  #withLastLines(message: string): string {
    const name = message.split(" ")[0] ?? "";
    const lines = this.#logs.get(name)?.recent.slice(-LAST_LINES) ?? [];
    return [message, ...lines.map((line) => `  ${line}`)].join("\n");
  }

  #progress(what: string): void {
    this.#options.onProgress?.(what);
  }

  #describe(facts: HubFacts, mailboxUrl: string | undefined): Stack {
    const { folder } = this.#state;
    const all = () => [...this.#servers.values(), ...this.#services.values()];
    const names = () =>
      all()
        .map(({ name }) => name)
        .sort();
    return {
      stateFolder: folder,
      dataFolder: facts.dataFolder,
      databaseUrl: facts.databaseUrl,
      redisUrl: facts.redisUrl,
      smtpUrl: facts.smtpUrl,
      mailboxUrl,
      apiUrl: `http://${this.#reachable}:${this.#ports.api ?? 0}`,
      consoleUrl: facts.consoleUrl,
      landingUrl: facts.landingUrl,
      sftp: { host: this.#reachable, port: this.#ports["sftp-gateway"] ?? 0 },
      ports: this.#ports,
      key: facts.key,
      adminKeyFile: facts.adminKeyFile,
      replacedPorts: this.#replaced,
      process: (name) => {
        const found = this.#servers.get(name) ?? this.#services.get(name);
        if (!found) throw new Error(`this stack has no ${name}; it has ${names().join(", ")}`);
        return found;
      },
      processes: all,
      recentLines: (name) => this.#logs.get(name)?.recent ?? [],
      armFailpoint: (name, action = "kill") => writeFile(path.join(folder, "failpoints", name), action),
      stop: () => this.stop(),
      force: () => this.force(),
    };
  }

  /** For the `inlet` command: where the hub of this checkout answers while it runs. */
  async #writeAddresses({ apiUrl, consoleUrl, landingUrl, mailboxUrl, sftp, adminKeyFile }: Stack): Promise<void> {
    const addresses = { apiUrl, consoleUrl, landingUrl, mailboxUrl, sftp, adminKeyFile, pid: process.pid };
    await writeFile(path.join(this.#state.folder, "addresses.json"), JSON.stringify(addresses, null, 2), {
      mode: 0o600,
    });
  }

  stop(): Promise<void> {
    this.#stopping ??= this.#stop();
    return this.#stopping;
  }

  async #stop(): Promise<void> {
    await rm(path.join(this.#state.folder, "addresses.json"), { force: true });
    await Promise.all([...this.#services.values()].map((service) => service.stop()));
    await Promise.all([...this.#servers.values()].map((server) => server.stop()));
    await this.#guard.close();
    await Promise.all([...this.#logs.values()].map((log) => log.close()));
    await Promise.all(this.#handedOut.map(releasePort));
    await this.#state.release();
    if (!this.#options.temporary) return;
    await removeServerHome(this.#state.serverHome);
    await rm(this.#state.folder, { recursive: true, force: true, maxRetries: 3 });
  }

  async force(): Promise<void> {
    await Promise.all([...this.#services.values(), ...this.#servers.values()].map((kept) => kept.destroy()));
    await this.stop();
  }
}

const LAST_LINES = 8;

/**
 * Compiled code of services, kept between the starts of tests: there are some hundred, and each costs half the CPU time (0.3 s of
 * 0.6 s). Not for lasting hubs: writing some thousand files holds up the first stop by seconds.
 */
const COMPILE_CACHE = { NODE_COMPILE_CACHE: path.join(TOOLS, "compile-cache-of-services") };

async function lastLinesOf(file: string): Promise<string[]> {
  const log = await readFile(file, "utf8").catch(() => "");
  return log.trimEnd().split("\n").slice(-LAST_LINES);
}

/** Promise.all, but it waits for the slower ones when one fails: nothing may start any more once a stop has begun. */
async function all<T extends readonly unknown[]>(
  work: T,
): Promise<{ -readonly [Index in keyof T]: Awaited<T[Index]> }> {
  await Promise.allSettled(work);
  return Promise.all(work);
}
