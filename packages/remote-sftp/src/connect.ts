import { connect as connectSocket, type Socket } from "node:net";
import { Misconfigured, type RemoteServer, Unavailable } from "@inlet/contracts";
import SftpClient from "ssh2-sftp-client";
import { ALGORITHMS, HOST_KEY_TYPES } from "./algorithms.ts";
import { readHostKey, type SeenHostKey } from "./host-key.ts";
import { openRemote, type Remote } from "./remote.ts";
import { connectionError, nameOf } from "./remote-error.ts";

interface ConnectOptions {
  /** For the TCP connection and for the handshake, each. Default 15 s. */
  timeoutMs?: number;
  /** Ends the session, whatever it is doing. */
  signal?: AbortSignal;
}

/** A dead peer is noticed after about this long times three. */
const KEEPALIVE_MS = 10_000;

/**
 * Logs in on a client's server, after its host key has been checked. Close the session when done.
 * @param secret a password, or a private key (PEM, OpenSSH or PuTTY format, without a passphrase)
 * @throws Misconfigured `remote_host_key`, `remote_login_refused`, `remote_key_unusable`, `remote_algorithms`
 * @throws Unavailable `remote_unreachable`
 */
export async function connectRemote(
  server: RemoteServer,
  secret: Buffer,
  { timeoutMs = 15_000, signal }: ConnectOptions = {},
): Promise<Remote> {
  const types = new Map(HOST_KEY_TYPES);
  const seen: SeenHostKey[] = [];
  // The pinned key may be any of the server's keys, but a server shows one per handshake: the one of the type asked for.
  while (types.size > 0) {
    const attempt = await shakeHands(server, secret, [...types.values()].flat(), timeoutMs, signal).catch((error) => {
      // It has no key of the types that are left.
      if (seen.length > 0 && /no matching/i.test(String(error))) throw wrongHostKey(server, seen);
      throw connectionError(server, error);
    });
    if ("remote" in attempt) return attempt.remote;
    seen.push(attempt.refused);
    if (!types.delete(attempt.refused.type)) break;
  }
  throw wrongHostKey(server, seen);
}

function wrongHostKey(server: RemoteServer, seen: readonly SeenHostKey[]): Misconfigured {
  const shown = seen.map(({ type, fingerprint }) => `${fingerprint} (${type})`).join(", ");
  return new Misconfigured({
    code: "remote_host_key",
    message: `${nameOf(server)} has another host key than the profile says: it shows ${shown}, expected ${server.hostKey}. Nothing was sent. If the server's owner confirms the new key, put it into the profile.`,
  });
}

async function shakeHands(
  server: RemoteServer,
  secret: Buffer,
  serverHostKey: string[],
  timeoutMs: number,
  signal: AbortSignal | undefined,
): Promise<{ remote: Remote } | { refused: SeenHostKey }> {
  const socket = await openSocket(server, timeoutMs, signal);
  let refused: SeenHostKey | undefined;
  const quiet = () => {};
  const client = new SftpClient("inlet", { error: quiet, end: quiet, close: quiet });
  const login = credentials(secret);
  if ("password" in login) {
    // Many servers ask for passwords by keyboard-interactive alone.
    client.on(
      "keyboard-interactive",
      (_name, _words, _language, prompts: unknown[], finish: (texts: string[]) => void) =>
        finish(prompts.length === 1 ? [login.password] : []),
    );
  }
  try {
    const sftp = await client.connect({
      sock: socket,
      username: server.username,
      ...login,
      tryKeyboard: "password" in login,
      readyTimeout: timeoutMs,
      keepaliveInterval: KEEPALIVE_MS,
      keepaliveCountMax: 3,
      algorithms: { ...ALGORITHMS, serverHostKey } as never,
      hostVerifier: (key: Buffer) => {
        const shown = readHostKey(key);
        if (shown.fingerprint === server.hostKey) return true;
        refused = shown;
        return false;
      },
    });
    return { remote: openRemote({ server, sftp, socket, end: () => client.end(), signal }) };
  } catch (error) {
    socket.destroy();
    if (refused) return { refused };
    throw error;
  }
}

function credentials(secret: Buffer): { privateKey: Buffer } | { password: string } {
  const text = secret.toString("utf8");
  if (/^\s*(-----BEGIN |PuTTY-User-Key-File)/.test(text)) return { privateKey: secret };
  // A line end comes from the editor or the shell that the secret was typed into.
  return { password: text.replace(/\r?\n$/, "") };
}

function openSocket(server: RemoteServer, timeoutMs: number, signal: AbortSignal | undefined): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connectSocket({ host: server.host, port: server.port });
    const end = () => socket.destroy(new Error("stopped"));
    const fail = (cause: unknown) => {
      signal?.removeEventListener("abort", end);
      socket.destroy();
      reject(cause);
    };
    const timer = setTimeout(() => fail(timedOut(server, timeoutMs)), timeoutMs);
    socket.once("error", fail);
    socket.once("close", () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
    });
    socket.once("connect", () => {
      clearTimeout(timer);
      socket.off("error", fail);
      // Without a listener an error between handshake and session would end the process.
      socket.on("error", () => {});
      socket.setNoDelay(true);
      resolve(socket);
    });
    signal?.addEventListener("abort", end, { once: true });
  });
}

const timedOut = (server: RemoteServer, timeoutMs: number) =>
  new Unavailable({
    code: "remote_unreachable",
    message: `${nameOf(server)} did not answer within ${timeoutMs / 1000} s.`,
  });
