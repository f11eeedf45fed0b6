import { randomBytes } from "node:crypto";
import type { Account, Problem } from "@inlet/contracts";
import type { AccountRow, LiveProject } from "@inlet/database";
import { hashPassword } from "@inlet/runtime";
import { Refusal } from "../requests/errors.ts";
import { iso } from "../views.ts";
import { readCidr } from "./cidr.ts";
import { newPassword } from "./new-password.ts";
import { readPublicKey } from "./public-key.ts";

/** How an account logs in, checked and ready to be stored. Absent: it is not to change. */
export interface Credentials {
  passwordHash?: string | null;
  publicKeys?: string[];
  cidrs?: string[];
  /** A generated password, to be shown once. */
  shown?: string;
}

/**
 * Checks what was given, and hashes the password. Every mistake is reported together.
 * @throws Refusal `account_invalid`
 */
export async function readCredentials(given: {
  password?: string | null | undefined;
  generatePassword?: boolean;
  publicKeys?: string[] | undefined;
  cidrs?: string[] | undefined;
}): Promise<Credentials> {
  const problems: Problem[] = [];
  const credentials: Credentials = {};
  if (given.publicKeys !== undefined) {
    credentials.publicKeys = given.publicKeys.map((text, index) => {
      const key = readPublicKey(text);
      if ("problem" in key) problems.push({ path: ["publicKeys", index], message: key.problem });
      return "line" in key ? key.line : "";
    });
  }
  if (given.cidrs !== undefined) {
    credentials.cidrs = given.cidrs.map((text, index) => {
      const range = readCidr(text);
      const message = `${text} is no address range such as 203.0.113.0/24 or 2001:db8::/32`;
      if (range === undefined) problems.push({ path: ["cidrs", index], message });
      return range ?? "";
    });
  }
  if (problems.length > 0) throw new Refusal(400, "account_invalid", "The account has mistakes; see errors.", problems);
  if (given.generatePassword) credentials.shown = newPassword();
  const password = credentials.shown ?? given.password;
  if (password !== undefined) credentials.passwordHash = password === null ? null : await hashPassword(password);
  return credentials;
}

/** A folder name on disk that tells nothing. */
export function newJail(): string {
  return randomBytes(12).toString("hex");
}

/** What an audit line says of a change: which parts, and of keys their fingerprints; never a password. */
export function changedParts(
  changed: Credentials & { projects?: readonly string[] | null | undefined; enabled?: boolean | undefined },
): Record<string, unknown> {
  return {
    ...(changed.passwordHash === undefined ? {} : { password: changed.passwordHash === null ? "removed" : "set" }),
    ...(changed.publicKeys === undefined ? {} : { publicKeys: changed.publicKeys.map((line) => fingerprint(line)) }),
    ...(changed.cidrs === undefined ? {} : { cidrs: changed.cidrs }),
    ...(changed.projects === undefined ? {} : { projects: changed.projects }),
    ...(changed.enabled === undefined ? {} : { enabled: changed.enabled }),
  };
}

function fingerprint(line: string): string {
  const key = readPublicKey(line);
  return "problem" in key ? "unreadable" : key.fingerprint;
}

/** An account as the API shows it, with the folders that it finds. */
export function accountView(row: AccountRow, projects: readonly LiveProject[]): Account {
  const visible = projects.filter(
    ({ clientId, project }) => clientId === row.clientId && (row.projects === null || row.projects.includes(project)),
  );
  return {
    username: row.username,
    client: row.client,
    enabled: row.enabled,
    hasPassword: row.passwordHash !== null,
    publicKeys: row.publicKeys.map((line) => {
      const key = readPublicKey(line);
      return "problem" in key
        ? { type: "unreadable", fingerprint: "", comment: key.problem }
        : { type: key.type, fingerprint: key.fingerprint, comment: key.comment };
    }),
    cidrs: row.cidrs,
    projects: row.projects,
    folders: visible.flatMap(({ project, profile: { folders } }) => [
      ...(folders ? [{ path: folders.uploads, use: "uploads" as const, project }] : []),
      ...(folders?.downloads ? [{ path: folders.downloads, use: "downloads" as const, project }] : []),
    ]),
    createdAt: iso(row.createdAt),
  };
}
