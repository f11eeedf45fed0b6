import { writeFile } from "node:fs/promises";
import type { PgpKey, PgpKeyImport, StoredPgpKey } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { readNamedFile } from "../named-file.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";
import { askSecret, readStandardInputBytes } from "../standard-input.ts";
import { wrapped } from "../table.ts";
import { printable, type Terminal } from "../terminal.ts";

interface KeysOptions extends GlobalOptions {
  project: string;
}

/** Lists a project's keys, each with its whole fingerprint, and what is missing or runs out. */
export async function listKeys(options: KeysOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const list = await api.pgpKeys(client, project);
  if (list.keys.length === 0) {
    out.line(`No OpenPGP keys. \`inlet keys generate --project ${options.project}\` makes one of our own.`);
  }
  for (const key of list.keys) {
    const [owner, state] = [key.owner.padEnd(6), key.state.padEnd(7)];
    const painted = out.paint(key.state === "active" ? "green" : "dim", state);
    out.line(`${owner}  ${painted}  ${out.paint("bold", inGroups(key.fingerprint))}`);
    out.line(`${INDENT}${printable(key.userId)}`);
    out.line(`${INDENT}${out.paint("dim", factsOf(key))}`);
    for (const warning of key.warnings) warn(out, warning, INDENT);
  }
  for (const warning of list.warnings) warn(out, warning);
  result(list);
}

/** Makes a key of our own: the first, or a new one in place of the active one. */
export async function makeKey(
  how: "generate" | "rotate",
  options: KeysOptions & { days?: number; name?: string; email?: string },
): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { days, name, email } = options;
  const session = await openSession(options);
  const wanted = {
    ...(days === undefined ? {} : { expiresInDays: days }),
    ...(name === undefined ? {} : { name }),
    ...(email === undefined ? {} : { email }),
  };
  const made =
    how === "generate"
      ? await session.api.generatePgpKey(client, project, wanted)
      : await session.api.rotatePgpKey(client, project, wanted);
  showOurs(session, made, options.project, "made");
}

/** Stores a key that was made elsewhere. */
export async function importKey(
  file: string,
  options: KeysOptions & { ours?: boolean; replace?: boolean; passphraseFile?: string },
): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { ours = false, replace = false, passphraseFile } = options;
  if (!ours && (replace || passphraseFile !== undefined)) {
    throw usageFailure("--replace and --passphrase-file go with --ours: the client's public key has no passphrase.");
  }
  const bytes = file === "-" ? await readStandardInputBytes() : await readNamedFile(file);
  if (bytes.length === 0) throw usageFailure(`${file === "-" ? "Standard input" : file} is empty; nothing was stored.`);
  const given: PgpKeyImport = { owner: ours ? "ours" : "theirs", key: asText(bytes), replace };
  const passphrase = passphraseFile === undefined ? undefined : await readPassphrase(passphraseFile);
  const session = await openSession(options);
  const send = (with_: { passphrase?: string }) => session.api.importPgpKey(client, project, { ...given, ...with_ });
  const stored = await send(passphrase === undefined ? {} : { passphrase }).catch(async (error: { code?: string }) => {
    if (error.code !== "pgp_key_locked" || !process.stdin.isTTY || file === "-") throw error;
    return await send({ passphrase: await askSecret(`Passphrase of ${file}: `) });
  });
  if (ours) return showOurs(session, stored, options.project, "stored");
  session.out.line(`Public key of the client's stored for ${options.project}.`);
  showKey(session, stored);
  session.out.line("Compare the fingerprint with the client's by phone before you rely on it.");
  session.result({ key: stored });
}

/** Writes a public key: armour and nothing else, where it goes to standard output. */
export async function exportKey(given: readonly string[], options: KeysOptions & { output?: string }): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, json, out, result } = await openSession(options);
  const { keys } = await api.pgpKeys(client, project);
  const key = given.length === 0 ? keys.find(isOurActive) : keyOf(keys, given);
  if (key === undefined) {
    throw notFound(
      `${options.project} has no active key of its own; \`inlet keys generate --project ${options.project}\` makes one.`,
    );
  }
  const { publicKey } = await api.publicPgpKey(client, project, key.fingerprint);
  if (options.output === undefined || options.output === "-") {
    if (json) result({ fingerprint: key.fingerprint, publicKey });
    else process.stdout.write(publicKey.endsWith("\n") ? publicKey : `${publicKey}\n`);
    return;
  }
  await writeFile(options.output, publicKey);
  out.line(`Saved ${options.output}, the public key ${out.paint("bold", inGroups(key.fingerprint))}`);
  if (isOurActive(key)) out.line("Send it to the client, and compare the fingerprint with its people by phone.");
  result({ fingerprint: key.fingerprint, file: options.output });
}

/** Retires a key of the client's, or deletes a retired one of ours. */
export async function removeKey(given: readonly string[], options: KeysOptions & { reason?: string }): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const { fingerprint } = keyOf((await api.pgpKeys(client, project)).keys, given);
  const { reason } = options;
  const removed = await api.removePgpKey(client, project, fingerprint, reason === undefined ? {} : { reason });
  out.line(
    removed.removed === "deleted"
      ? `Key ${inGroups(fingerprint)} is deleted: what was encrypted to it cannot be opened any more.`
      : `Key ${inGroups(fingerprint)} of the client's is retired: nothing is encrypted to it, and its signatures count no more.`,
  );
  result(removed);
}

const INDENT = " ".repeat(17);

const isOurActive = ({ owner, state }: PgpKey) => owner === "ours" && state === "active";

function showOurs(session: Session, key: StoredPgpKey, project: string, verb: string): void {
  const { out, result } = session;
  out.line(`OpenPGP key of ${out.paint("bold", project)} ${verb}.`);
  showKey(session, key);
  if (key.retired !== null) {
    out.line(`The key ${inGroups(key.retired)} is retired: it still opens what is encrypted to it.`);
  }
  const command = `inlet keys export --project ${project} --output ${project.replace("/", "-")}.asc`;
  out.line("Send the client the public key, and compare the fingerprint with its people by phone:");
  out.line(`  ${out.paint("cyan", command)}`);
  result({ key });
}

function showKey({ out }: Session, key: PgpKey): void {
  const fact = (name: string, text: string) => out.line(`  ${out.paint("dim", name.padEnd(13))}${printable(text)}`);
  fact("fingerprint", inGroups(key.fingerprint));
  fact("user ID", key.userId);
  fact("algorithm", key.algorithm);
  fact("expires", key.expiresAt === null ? "never" : dayOf(key.expiresAt));
  fact("good for", usesOf(key));
  for (const warning of key.warnings) warn(out, warning, "  ");
}

function warn(out: Terminal, warning: string, indent = ""): void {
  for (const line of wrapped(printable(warning), out.columns - indent.length)) {
    out.line(`${indent}${out.paint("yellow", line)}`);
  }
}

function usesOf({ canEncrypt, canSign }: PgpKey): string {
  if (canEncrypt && canSign) return "encryption and signatures";
  return canEncrypt ? "encryption alone" : canSign ? "signatures alone" : "nothing";
}

function factsOf(key: PgpKey): string {
  const { algorithm, createdAt, expiresAt, retiredAt } = key;
  const end = expiresAt === null ? "never expires" : `expires ${dayOf(expiresAt)}`;
  const facts = [printable(algorithm), `made ${dayOf(createdAt)}`, end];
  if (!key.canEncrypt || !key.canSign) facts.push(`for ${usesOf(key)}`);
  if (retiredAt !== null) facts.push(`retired ${dayOf(retiredAt)}`);
  return facts.join(", ");
}

const dayOf = (iso: string): string => iso.slice(0, 10);

/** A fingerprint as `gpg --fingerprint` prints it: groups of four, of 40 digits the two halves further apart. */
export function inGroups(fingerprint: string): string {
  const groups = fingerprint.match(/.{1,4}/g) ?? [];
  if (groups.length !== 10) return groups.join(" ");
  return `${groups.slice(0, 5).join(" ")}  ${groups.slice(5).join(" ")}`;
}

/** The one key that a fingerprint, or its end, names. @throws CliFailure */
function keyOf(keys: readonly PgpKey[], given: readonly string[]): PgpKey {
  const digits = given.join("").replace(/^0x/i, "").replace(/\s+/g, "").toUpperCase();
  if (!/^[0-9A-F]{8,64}$/.test(digits)) {
    throw usageFailure(`“${given.join(" ")}” is no fingerprint: give at least its last 8 digits.`);
  }
  const found = keys.filter(({ fingerprint }) => fingerprint.endsWith(digits));
  if (found.length === 1) return found[0]!;
  const ending = `a fingerprint that ends with ${digits}; \`inlet keys list\` lists them.`;
  throw found.length === 0 ? notFound(`No key has ${ending}`) : usageFailure(`Several keys have ${ending}`);
}

const notFound = (message: string) => new CliFailure(EXIT.notFound, "key_not_found", message);

/** Armour as it stands, anything else in base64. */
function asText(bytes: Buffer): string {
  const text = bytes.toString("utf8");
  return text.includes("-----BEGIN") ? text : bytes.toString("base64");
}

async function readPassphrase(file: string): Promise<string> {
  const passphrase = (await readNamedFile(file)).toString("utf8").replace(/\r?\n$/, "");
  if (passphrase === "") throw usageFailure(`${file} is empty; nothing was stored.`);
  return passphrase;
}
