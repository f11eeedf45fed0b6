import { readFile } from "node:fs/promises";
import { type ApiClient, openClient as openApi } from "@inlet/client";
import { type ApiRole, profileSchema } from "@inlet/contracts";
import { buildConsole, type StackOptions } from "@inlet/stack";
import type { Browser } from "playwright-core";
import { parse } from "yaml";
import { type Hub, openHub, waitFor } from "../fixtures/hub.ts";
import { live } from "../fixtures/reception.ts";
import { openBrowser, Visitor, type VisitorOptions } from "./browser.ts";

/** The first admin of a hub whose set-up is no part of the test. */
export const ADMIN = { login: "admin@inlet.example", name: "Admin", password: "seven quiet harbours by noon" };

/** A whole hub that serves the console, and a browser. */
export class ConsoleHub {
  readonly hub: Hub;
  readonly browser: Browser;
  readonly url: string;
  readonly adminKey: string;
  /** With the admin key. */
  readonly api: ApiClient;
  readonly #cookies = new Map<string, string>();

  private constructor(hub: Hub, browser: Browser, adminKey: string) {
    this.hub = hub;
    this.browser = browser;
    this.url = hub.stack.apiUrl;
    this.adminKey = adminKey;
    this.api = openApi({ url: this.url, key: adminKey });
  }

  static async open(options: Pick<StackOptions, "services" | "env"> = {}): Promise<ConsoleHub> {
    // With CONSOLE_DIST the API serves what somebody else has built.
    const built = process.env.CONSOLE_DIST ? Promise.resolve(false) : buildConsole();
    const [browser, hub] = await Promise.all([openBrowser(), built.then(() => openHub(options))]);
    const key = await waitFor(
      () => readFile(hub.stack.adminKeyFile, "utf8").catch(() => undefined),
      "the first admin key",
    );
    return new ConsoleHub(hub, browser, key.trim());
  }

  async stop(): Promise<void> {
    await this.browser.close();
    await this.hub.stop();
  }

  /** Nobody in particular, at the hub's door. */
  async stranger(options?: VisitorOptions): Promise<Visitor> {
    return await Visitor.enter(this.browser, this.url, options);
  }

  /** The first admin, signed in; made when there is none. */
  async admin(options?: VisitorOptions): Promise<Visitor> {
    if (!this.#cookies.has(ADMIN.login)) {
      if ((await this.api.sessionMethods()).setupNeeded) await this.api.setUp(ADMIN);
      this.#cookies.set(ADMIN.login, await this.#signIn(ADMIN));
    }
    return await this.#signedIn(ADMIN.login, options);
  }

  /** Somebody else, signed in. */
  async user(role: ApiRole, client?: string, options?: VisitorOptions): Promise<Visitor> {
    const login = `${role}.${client ?? "all"}@inlet.example`;
    if (!this.#cookies.has(login)) {
      const added = await this.api.addUser({ login, name: `${role} of the test`, role, ...(client && { client }) });
      const invitation = new URL(added.invitation.url).hash.slice(1);
      this.#cookies.set(login, await this.#session("/v1/session/password", { invitation, password: ADMIN.password }));
    }
    return await this.#signedIn(login, options);
  }

  async #signedIn(login: string, options: VisitorOptions | undefined): Promise<Visitor> {
    const visitor = await this.stranger(options);
    const [name = "", value = ""] = this.#cookies.get(login)!.split("=");
    await visitor.context.addCookies([{ name, value, url: this.url, httpOnly: true, sameSite: "Strict" }]);
    return visitor;
  }

  #signIn({ login, password }: { login: string; password: string }): Promise<string> {
    return this.#session("/v1/session", { login, password });
  }

  /** The cookie that a browser would be given. */
  async #session(path: string, body: object): Promise<string> {
    const headers = { "content-type": "application/json", "inlet-request": "1", origin: this.url };
    const response = await fetch(this.url + path, { method: "POST", headers, body: JSON.stringify(body) });
    const cookie = response.headers.getSetCookie()[0]?.split(";")[0];
    if (!response.ok || cookie === undefined) throw new Error(`${path}: ${response.status} ${await response.text()}`);
    return cookie;
  }

  /** The demo's retailer, live: six tables of tab-separated files. */
  async retailer({ client = "spring", project = "iris" } = {}) {
    const yaml = await readFile(new URL("../../infra/demo/profiles/retail.yaml", import.meta.url), "utf8");
    const profile = profileSchema.parse({
      ...(parse(yaml) as object),
      ...{ client, project, title: "Iris retail", folders: { uploads: `/${project}` } },
      notify: { recipients: [`data@${client}.example`] },
    });
    await live(this.hub.database, profile);
    return { client, project, schema: `client_${client}` };
  }

  /** A batch of a file, once it has ended. */
  async ended(fileName: string) {
    return await waitFor(async () => {
      const { batches } = await this.api.batches({ text: fileName });
      const batch = batches.find((each) => each.fileName === fileName);
      return batch?.endedAt ? batch : undefined;
    }, `the end of ${fileName}`);
  }

  /** Asks the client's own tables. */
  async rows(statement: string): Promise<Record<string, unknown>[]> {
    return (await this.hub.database.pool.query(statement)).rows;
  }
}

/** A file of the demo's. */
export const demoFile = (name: string): Promise<Buffer> =>
  readFile(new URL(`../../infra/demo/files/${name}`, import.meta.url));
