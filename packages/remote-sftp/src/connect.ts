import { connect as connectSocket, type Socket } from "node:net";
import { Misconfigured, type RemoteServer, Unavailable } from "@inlet/contracts";
import type { RemoteNetwork, ResolvedAddress } from "@inlet/remote-network";
import SftpClient from "ssh2-sftp-client";
import { ALGORITHMS, HOST_KEY_TYPES } from "./algorithms.ts";
import { readHostKey, type SeenHostKey } from "./host-key.ts";
import { openRemote, type Remote } from "./remote.ts";
import { connectionError, nameOf } from "./remote-error.ts";

interface ConnectOptions {
  /** Which addresses may be connected to. */
  network: RemoteNetwork;
  /** For the name's resolution, for the TCP connection and for the handshake, each. Default 15 s. */
  timeoutMs?: number;
  /** Ends the session, whatever it is doing. */
  signal?: AbortSignal;
}

/** A dead peer is noticed after about this long times three. */
const KEEPALIVE_MS = 10_000;

/**
 * Logs in on a client's server, after its host key has been checked. Close the session when done.
 * @param secret a password, or a private key (PEM, OpenSSH or PuTTY format, without a passphrase)
 * @throws Misconfigured `remote_address_refused`, `remote_host_key`, `remote_login_refused`, `remote_key_unusable`,
 *   `remote_algorithms`
 * @throws Unavailable `remote_unreachable`
 */
export async function connectRemote(
  server: RemoteServer,
  secret: Buffer,
  { network, timeoutMs = 15_000, signal }: ConnectOptions,
): Promise<Remote> {
  // Resolved and checked once, and connected to as checked: the name may stand for another address the next time.
  const addresses = await within(server, timeoutMs, signal, network.addressesOf(server)).catch((error) => {
    throw connectionError(server, error);
  });
  const types = new Map(HOST_KEY_TYPES);
  const seen: SeenHostKey[] = [];
  // The pinned key may be any of the server's keys, but a server shows one per handshake: the one of the type asked for.
  while (types.size > 0) {
    const serverHostKey = [...types.values()].flat();
    const attempt = await shakeHands({ server, addresses, secret, serverHostKey, timeoutMs, signal }).catch((error) => {
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

interface Place {
  server: RemoteServer;
  addresses: readonly ResolvedAddress[];
  timeoutMs: number;
  signal: AbortSignal | undefined;
}

async function shakeHands(
  place: Place & { secret: Buffer; serverHostKey: string[] },
): Promise<{ remote: Remote } | { refused: SeenHostKey }> {
  const { server, secret, serverHostKey, timeoutMs, signal } = place;
  const socket = await openSocket(place);
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

/** What is asked of the system's resolver cannot be stopped; it is no longer waited for. */
async function within<T>(
  server: RemoteServer,
  timeoutMs: number,
  signal: AbortSignal | undefined,
  work: Promise<T>,
): Promise<T> {
  const given = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(signal ? [signal] : [])]);
  return await new Promise<T>((resolve, reject) => {
    const giveUp = () => reject(signal?.aborted ? signal.reason : timedOut(server, timeoutMs));
    given.addEventListener("abort", giveUp, { once: true });
    work.then(resolve, reject).finally(() => given.removeEventListener("abort", giveUp));
  });
}

function openSocket({ server, addresses, timeoutMs, signal }: Place): Promise<Socket> {
  return new Promise((resolve, reject) => {
    signal?.throwIfAborted();
    const socket = connectSocket({
      host: server.host,
      port: server.port,
      // Asked for every host but an address, which needs no resolving.
      lookup: (_host, { all }, found) =>
        all ? found(null, [...addresses]) : found(null, addresses[0]!.address, addresses[0]!.family),
    });
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
