import { posix } from "node:path";
import { expectedFileNames, type Profile } from "@inlet/contracts";
import type { SeenRefusal } from "@inlet/database";
import { isWithin } from "../accounts/cidr.ts";
import {
  green,
  notNeeded,
  notSeen,
  type Observed,
  type ObservedBatch,
  red,
  stopped,
  stoppedAt,
  type TableView,
  type Verdict,
  waiting,
  warning,
} from "./observed.ts";

/** What a login that failed for this reason is to do about it. */
const LOGIN_ADVICE: Readonly<Record<string, string>> = {
  "wrong password": "Log in with the right password; `inlet account change NAME --new-password` makes a new one.",
  "no accepted key": "Offer the key whose public part the account has: `inlet account change NAME --public-key FILE`.",
  "wrong signature": "Offer the key whose public part the account has: `inlet account change NAME --public-key FILE`.",
  "account disabled": "Let the login in again: `inlet account enable NAME`.",
};

/** Who sent a file, and how they proved it. */
export function login({ profile, refusals, refusedMail }: Observed, batch: ObservedBatch | undefined): Verdict {
  const expected = agreedWay(profile);
  if (batch === undefined) {
    const refused = refusals.find(({ action, reason }) => action === "login" && reason !== "address not allowed");
    if (refused === undefined && refusedMail !== undefined) {
      const words = `an e-mail from ${refusedMail.from} was refused: ${refusedMail.code.replaceAll("_", " ")}`;
      return red(words, expected, "The answer that its sender got says what to do.");
    }
    if (refused === undefined) {
      return waiting(
        expected,
        profile.source.kind === "pull" ? pullNow(profile) : `Have the client send its file ${expected}.`,
      );
    }
    const advice = LOGIN_ADVICE[refused.reason ?? ""] ?? "Try again; the audit has more on it.";
    return red(refusalWords(refused), expected, advice.replace("NAME", refused.username));
  }
  if (stoppedAt(batch) === "login") return stopped(batch, expected);
  const { sender, account } = batch;
  switch (batch.source) {
    case "gateway": {
      const way = sender?.method === "publickey" ? "an SSH key" : sender?.method === "password" ? "a password" : "";
      return green(`${account?.username ?? "a login"}${way === "" ? "" : ` with ${way}`}`, expected);
    }
    case "sftp":
    case "pull":
      return green(expected);
    case "email":
      return green(`by e-mail from ${batch.mailedFrom ?? "a sender on the list"}`, expected);
    default: {
      const key = `by the API, with the key “${sender?.actor ?? "unknown"}”`;
      if (sender?.role === "client") return green(`${key} of the client`, expected);
      return red(key, expected, `That is not the client's own way. Have the client send it ${expected}.`);
    }
  }
}

const pullNow = ({ client, project }: Profile) => `Pull once: inlet pull ${client}/${project}`;

function agreedWay({ source, email }: Profile): string {
  const byEmail = email ? ` or by e-mail from ${email.senders.slice(0, 3).join(", ")}` : "";
  if (source.kind === "gateway") return `by SFTP with a password or an SSH key${byEmail}`;
  if (source.kind === "pull") return `pulled by Inlet from ${new URL(source.system.url).host}${byEmail}`;
  return `to ${source.server.host}, where Inlet fetches it as ${source.server.username}${byEmail}`;
}

const refusalWords = ({ username, address, reason }: SeenRefusal) =>
  `${username}${address === null ? "" : ` from ${address}`}: ${reason ?? "refused"}`;

/** Whether the account knows where its client comes from. */
export function address({ profile, refusals }: Observed, batch: ObservedBatch | undefined): Verdict {
  const expected = "within the account's address ranges";
  if (batch === undefined) {
    if (profile.source.kind !== "gateway") return notNeeded("Inlet fetches what it needs");
    const refused = refusals.find(({ reason }) => reason === "address not allowed");
    if (refused === undefined) return waiting(expected);
    const words = `${refused.username} came from ${refused.address ?? "an address"}, which is not allowed`;
    return red(words, expected, `If that is the client: inlet account change ${refused.username} --cidr RANGE`);
  }
  const { account, sender } = batch;
  if (batch.source !== "gateway" || account === null) return notNeeded("no SFTP login sent this file");
  const change = `inlet account change ${account.username} --cidr RANGE`;
  const ranges = account.cidrs.join(", ");
  const from = sender?.address ?? "an unknown address";
  if (account.cidrs.length > 0 && isWithin(sender?.address ?? null, account.cidrs)) {
    return green(`${from}, within ${ranges}`, expected);
  }
  // The ranges were changed since.
  if (account.cidrs.length > 0) {
    return red(`${from}, not within ${ranges}`, expected, `Have the client send it again, or let it in: ${change}`);
  }
  return warning(`${from}, and any address may log in`, expected, `Ask the client for its addresses: ${change}`);
}

function agreedFolder({ source, folders }: Profile): string | null {
  switch (source.kind) {
    case "gateway":
      return folders?.uploads ?? null;
    case "sftp":
      return source.folder;
    case "pull":
      return null;
  }
}

/** Where the file was put. */
export function folder({ profile, refusals }: Observed, batch: ObservedBatch | undefined): Verdict {
  const expected = agreedFolder(profile);
  if (batch === undefined) {
    const refused = refusals.find(({ action, path }) => action === "refuse" && path !== null);
    if (refused === undefined) return expected === null ? notNeeded("rows come without a file") : waiting(expected);
    return red(`${refused.path}: ${refused.reason ?? "refused"}`, expected, `Put the file into ${expected}.`);
  }
  if (stoppedAt(batch) === "folder") return stopped(batch, expected);
  if (["upload", "email", "pull"].includes(batch.source)) return notNeeded("it came without one");
  return green(posix.dirname(batch.arrival?.path ?? `${expected}/`), expected);
}

/** A file of which it is not known to which table it belongs: because of its name, or because nobody could look into it. */
export function strayFile(profile: Profile, stray: ObservedBatch): Verdict {
  const expected = expectedFileNames(profile);
  const stop = stoppedAt(stray);
  if (stop === undefined) return notSeen(stray, expected);
  if (stop !== "file_name") return stopped(stray, null);
  const name = expected.split(", ")[0];
  return red(`${stray.fileName} belongs to no table`, expected, `Send it under a name such as ${name}.`);
}

/** What the file is called, and which table that makes it. */
export function fileName({ profile, table, batch }: TableView): Verdict {
  const { source } = profile;
  if (batch?.source === "pull") return notNeeded("its rows were pulled");
  if (batch === undefined && source.kind === "pull" && source.pulls.some((pull) => pull.table === table.name)) {
    return waiting("rows out of the system", pullNow(profile));
  }
  const expected = expectedFileNames({ ...profile, tables: [table] });
  if (batch === undefined)
    return waiting(expected, `Have the client send about 20 rows as ${expected.split(", ")[0]}.`);
  if (batch.tableName === null && [undefined, "file_name"].includes(stoppedAt(batch))) return strayFile(profile, batch);
  return green(batch.fileName, expected);
}

/** Whether what was seen was seen under the profile that is to go live; undefined: it was. */
export function currentProfile({ batch, profileVersion }: TableView): Verdict | undefined {
  if (batch === undefined || profileVersion === null || batch.profileVersion === profileVersion) return undefined;
  return red(
    `the file came under version ${batch.profileVersion}`,
    `version ${profileVersion}, which is applied now`,
    "The profile has changed since: send the file once more.",
  );
}
