import { setTimeout as pause } from "node:timers/promises";
import { type Account, accountByName } from "@inlet/database";
import { hashPassword, verifyPassword } from "@inlet/runtime";
import type { AuthContext, AuthenticationType, PasswordAuthContext, PublicKeyAuthContext } from "ssh2";
import { listHolds } from "./addresses.ts";
import { actorOf, audit, type Context } from "./context.ts";
import { type Defender, POINTS } from "./defender.ts";
import { printable } from "./paths.ts";
import { patiently } from "./patience.ts";
import { findOfferedKey, isSignedBy } from "./public-keys.ts";

/** A failure is answered this long after its request, whatever its reason was: no guess learns from the time. */
const FAILURE_AFTER_MS = 1_000;
/** Passwords and signatures that one connection may try; and offers of keys, of which an agent may hold many. */
const MAX_TRIES = 4;
const MAX_OFFERS = 20;
/** A longer one is no password, and would only cost time. */
const MAX_PASSWORD_BYTES = 1024;
const MAX_USERNAME_BYTES = 256;
const METHODS: AuthenticationType[] = ["publickey", "password"];

/** Why a login is refused before any credential is looked at. */
type Refused = "unknown user" | "account disabled" | "address not allowed";

/** Failures of who tries; everything else is a refusal of ours. */
const WRONG: ReadonlySet<string> = new Set(["unknown user", "wrong password", "wrong signature", "no accepted key"]);

interface LoginOptions {
  context: Context;
  defender: Defender;
  address: string;
  session: string;
  /** Decides on limits after the credentials were right; a text is the reason against it. */
  admit: (account: Account) => string | undefined;
  /** Ends the connection. */
  disconnect: () => void;
}

/** What a login came to. */
export interface LoggedIn {
  account: Account;
  method: string;
}

/**
 * One connection's way to be logged in: the allow-list and the account's state first, the credentials after; each failure
 * is scored, delayed, and written to the audit.
 */
export class Login {
  readonly #options: LoginOptions;
  #tries = 0;
  #offers = 0;
  #failed: { username: string; refused: Refused | undefined } | undefined;
  #result: LoggedIn | undefined;

  constructor(options: LoginOptions) {
    this.#options = options;
  }

  get result(): LoggedIn | undefined {
    return this.#result;
  }

  /** Answers one request for authentication. */
  async answer(request: AuthContext): Promise<void> {
    const asked = performance.now();
    try {
      if (request.method !== "password" && request.method !== "publickey") return request.reject(METHODS);
      const { username } = request;
      if (Buffer.byteLength(username) > MAX_USERNAME_BYTES) return this.#options.disconnect();
      const account = await this.#find(username);
      const refused = this.#whyRefused(account);
      if (request.method === "password") await this.#tryPassword(request, account, refused, asked);
      else await this.#tryKey(request, account, refused, asked);
    } catch (err) {
      // The database is away: nobody can log in, and nobody is to blame.
      this.#options.context.logger.error({ err, session: this.#options.session }, "could not decide on a login");
      this.#options.disconnect();
    }
  }

  /** The connection has ended: what failed without a signature is counted now, once. */
  async ended(): Promise<void> {
    if (this.#result || this.#tries > 0 || !this.#failed) return;
    const { username, refused } = this.#failed;
    await this.#record(username, refused ?? "no accepted key");
    await this.#score(username, refused === undefined ? POINTS.badCredential : POINTS.unknownUser);
  }

  #find(username: string): Promise<Account | undefined> {
    const { database, limits } = this.#options.context;
    return patiently(Math.min(limits.patienceMs, limits.authMs / 2), () => accountByName(database, username));
  }

  #whyRefused(account: Account | undefined): Refused | undefined {
    if (account === undefined) return "unknown user";
    if (account.cidrs.length > 0 && !listHolds(account.cidrs, this.#options.address)) return "address not allowed";
    return account.enabled ? undefined : "account disabled";
  }

  async #tryPassword(
    request: PasswordAuthContext,
    account: Account | undefined,
    refused: Refused | undefined,
    asked: number,
  ): Promise<void> {
    const { password } = request as { password: unknown };
    const isUsable =
      typeof password === "string" && password !== "" && Buffer.byteLength(password) <= MAX_PASSWORD_BYTES;
    // An account that is refused or has no password takes as much work as any other.
    const stored = refused === undefined ? (account?.passwordHash ?? undefined) : undefined;
    const matches = isUsable && (await verifyInTurn(password, stored ?? (await decoyHash())));
    if (matches && stored !== undefined && account) return await this.#accept(request, account, "password");
    await this.#fail(request, refused, "wrong password", asked);
  }

  async #tryKey(
    request: PublicKeyAuthContext,
    account: Account | undefined,
    refused: Refused | undefined,
    asked: number,
  ): Promise<void> {
    const key = account && refused === undefined ? findOfferedKey(account.publicKeys, request) : undefined;
    if (request.signature === undefined) {
      if (key) return request.accept();
      this.#failed ??= { username: request.username, refused };
      this.#offers += 1;
      return this.#offers < MAX_OFFERS ? request.reject(METHODS) : this.#options.disconnect();
    }
    if (key && account && isSignedBy(key, request)) return await this.#accept(request, account, "publickey");
    await this.#fail(request, refused, key ? "wrong signature" : "no accepted key", asked);
  }

  async #accept(request: AuthContext, account: Account, method: string): Promise<void> {
    const limit = this.#options.admit(account);
    if (limit !== undefined) {
      this.#tries += 1;
      await this.#record(account.username, limit);
      await this.#score(account.username, POINTS.overLimit);
      return this.#options.disconnect();
    }
    this.#result = { account, method };
    const { context, address, session } = this.#options;
    const entry = {
      actor: actorOf(account.username),
      address,
      session,
      action: "login",
      outcome: "ok",
      detail: { method },
    };
    await audit(context, entry);
    request.accept();
  }

  async #fail(request: AuthContext, refused: Refused | undefined, reason: string, asked: number): Promise<void> {
    this.#tries += 1;
    const { username } = request;
    await this.#record(username, refused ?? reason);
    const banned = await this.#score(username, refused === undefined ? POINTS.badCredential : POINTS.unknownUser);
    await pause(Math.max(0, FAILURE_AFTER_MS - (performance.now() - asked)));
    if (banned || this.#tries >= MAX_TRIES) this.#options.disconnect();
    else request.reject(METHODS);
  }

  async #record(username: string, reason: string): Promise<void> {
    const { context, address, session } = this.#options;
    const outcome = WRONG.has(reason) ? "failed" : "refused";
    const actor = actorOf(printable(username.slice(0, 64)));
    await audit(context, { actor, address, session, action: "login", outcome, detail: { reason } });
  }

  #score(username: string, points: number): Promise<boolean> {
    const { defender, address, session } = this.#options;
    return defender.score(address, points, { actor: actorOf(printable(username.slice(0, 64))), session });
  }
}

/** One at a time: a flood of passwords must not take the threads that read and write files, nor the memory. */
let turn: Promise<unknown> = Promise.resolve();

function verifyInTurn(password: string, stored: string): Promise<boolean> {
  const result = turn.then(() => verifyPassword(password, stored));
  turn = result.catch(() => {});
  return result;
}

let decoy: Promise<string> | undefined;

/** A hash that matches nothing that anybody knows. */
function decoyHash(): Promise<string> {
  decoy ??= hashPassword(crypto.randomUUID());
  return decoy;
}
