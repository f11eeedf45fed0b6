import { generateKeyPairSync } from "node:crypto";
import { readdir } from "node:fs/promises";
import { join } from "node:path";
import type { ProfileInput } from "@inlet/contracts";
import { applyProfile, type Database, openDatabase, type ProjectState, transaction } from "@inlet/database";
import { openTestStack, type ServiceName, type Stack, waitFor } from "@inlet/stack";
import { createTransport, type SendMailOptions } from "nodemailer";
import { buildProfile, buildTable } from "../fixtures/profile.ts";
import { type NameServer, openNameServer } from "./name-server.ts";

/** A client's domain with a key for DKIM, which is published under the selector `s1`. */
export interface Domain {
  name: string;
  dkim: { domainName: string; keySelector: string; privateKey: string };
}

/** How a mail is sent, where it shall not be as a well set up client's. */
export interface Sending {
  /** Signs; null: nobody does. */
  dkim?: Domain["dkim"] | null;
  envelopeFrom?: string;
  to?: string[];
  plain?: boolean;
}

/** What the other side said to a message. */
export interface Reply {
  code: number;
  text: string;
}

/** A ZIP by its first bytes. */
export const zip = (content: string) => Buffer.concat([Buffer.from("PK\x03\x04"), Buffer.from(content)]);

/** A mail gateway on real servers, with a name server of its own. */
export class MailHub {
  readonly stack: Stack;
  readonly database: Database;
  readonly dns: NameServer;
  #clients = 0;

  private constructor(stack: Stack, database: Database, dns: NameServer) {
    this.stack = stack;
    this.database = database;
    this.dns = dns;
  }

  static async open(env: Record<string, string> = {}, services: readonly ServiceName[] = ["mail-gateway"]) {
    const dns = await openNameServer();
    const from = { MAIL_FROM: "Inlet <inlet@hub.example>" };
    const own = { MAIL_DNS: dns.address, MAIL_DOMAINS: "hub.example", ...from, ...env };
    const stack = await openTestStack({ services, serviceEnv: { "mail-gateway": own, notifier: from } });
    return new MailHub(stack, openDatabase(stack.databaseUrl, { applicationName: "test" }), dns);
  }

  async stop(): Promise<void> {
    await this.database.close();
    await this.stack.stop();
    await this.dns.close();
  }

  get port(): number {
    return this.stack.ports["mail-gateway"]!;
  }

  /** A domain whose key is published. */
  domain(name: string): Domain {
    const { privateKey, publicKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });
    const p = publicKey.export({ type: "spki", format: "der" }).toString("base64");
    this.dns.publish(`s1._domainkey.${name}`, `v=DKIM1; k=rsa; p=${p}`);
    const pem = privateKey.export({ type: "pkcs8", format: "pem" }).toString();
    return { name, dkim: { domainName: name, keySelector: "s1", privateKey: pem } };
  }

  /** A client of its own, its domain, and a project that takes ZIPs from `data@` there. */
  async client(
    email: Partial<ProfileInput["email"]> = {},
    overrides: Partial<ProfileInput> = {},
    firstState: ProjectState = "live",
  ) {
    this.#clients += 1;
    const name = `client${this.#clients}`;
    const domain = this.domain(`${name}.example`);
    const from = `data@${domain.name}`;
    const profile = buildProfile({
      client: name,
      incoming: { zip: { password: "zip", encryption: "require" } },
      email: { senders: [from], ...email },
      tables: [buildTable()],
      ...overrides,
    });
    const applied = { profile, appliedBy: "test", firstState };
    const { projectId } = await transaction(this.database, (tx) => applyProfile(tx, applied));
    const send = (mail: SendMailOptions = {}, how: Sending = {}) =>
      this.send(
        { from: `Data <${from}>`, subject: "Data", text: "Here it is.", ...mail },
        { dkim: domain.dkim, ...how },
      );
    return { name, domain, from, send, projectId };
  }

  /** Sends a mail as a mail server does, and gives back what it was told. */
  async send(
    mail: SendMailOptions,
    { dkim, envelopeFrom, to = ["files@hub.example"], plain = false }: Sending,
  ): Promise<Reply> {
    const transport = createTransport({
      host: "127.0.0.1",
      port: this.port,
      name: "mx.client.example",
      ...(plain ? { ignoreTLS: true } : { requireTLS: true, tls: { rejectUnauthorized: false } }),
      ...(dkim && { dkim }),
    });
    try {
      const { from } = mail;
      const sender = envelopeFrom ?? /<(.*)>/.exec(String(from))?.[1] ?? String(from);
      const { response } = await transport.sendMail({ to, ...mail, envelope: { from: sender, to } });
      return { code: Number(response.slice(0, 3)), text: response };
    } catch (error) {
      const { responseCode, response, message } = error as Error & { responseCode?: number; response?: string };
      return { code: responseCode ?? 0, text: response ?? message };
    } finally {
      transport.close();
    }
  }

  /** A project's arrivals, oldest first. */
  async arrivals(projectId: number) {
    return await this.database.query
      .selectFrom("arrivals")
      .selectAll()
      .where("project_id", "=", projectId)
      .orderBy("id")
      .execute();
  }

  async mails(projectId: number) {
    return await this.database.query
      .selectFrom("mails")
      .selectAll()
      .where("project_id", "=", projectId)
      .orderBy("id")
      .execute();
  }

  async messages(projectId: number) {
    return await this.database.query
      .selectFrom("messages")
      .selectAll()
      .where("project_id", "=", projectId)
      .orderBy("id")
      .execute();
  }

  /** The audit's newest line of a From address. */
  async audited(from: string) {
    const row = await this.database.query
      .selectFrom("audit")
      .selectAll()
      .where("actor", "=", `mail:${from}`)
      .orderBy("id", "desc")
      .limit(1)
      .executeTakeFirst();
    return row && { outcome: row.outcome, address: row.address, ...(row.detail as Record<string, unknown>) };
  }

  /** The files in the folder of attachments. */
  async spooled(): Promise<string[]> {
    return await readdir(join(this.stack.dataFolder, "mail"));
  }

  async waitFor<T>(what: string, ask: () => Promise<T | undefined | false>): Promise<T> {
    return await waitFor(ask, { timeoutMs: 30_000, what });
  }
}
