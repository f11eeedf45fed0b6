import { createHash } from "node:crypto";
import path from "node:path";
import SftpClient from "ssh2-sftp-client";

/** A login on the gateway. */
export interface Login {
  host: string;
  port: number;
  username: string;
  password: string;
  /** The gateway's host key as `SHA256:…`, to be sure that it is ours; whichever comes first is kept for all later logins. */
  hostKeys: Set<string>;
}

const CONNECT_TIMEOUT_MS = 15_000;

/** Runs `work` as a client that has logged in by SFTP. */
export async function withSftp<T>(login: Login, work: (sftp: SftpClient) => Promise<T>): Promise<T> {
  const sftp = new SftpClient(`demo-${login.username}`);
  await sftp.connect({
    host: login.host,
    port: login.port,
    username: login.username,
    password: login.password,
    readyTimeout: CONNECT_TIMEOUT_MS,
    hostVerifier: (key: Buffer) => isKnown(login.hostKeys, key),
  });
  try {
    return await work(sftp);
  } finally {
    await sftp.end();
  }
}

/** Trust on first use, as a person's own client does it. */
function isKnown(known: Set<string>, key: Buffer): boolean {
  const fingerprint = `SHA256:${createHash("sha256").update(key).digest("base64").replace(/=+$/, "")}`;
  if (known.size === 0) known.add(fingerprint);
  return known.has(fingerprint);
}

/** Uploads a file. `onProgress` gets the part that the server has taken, from 0 to 1; 1 when it has confirmed the whole. */
export async function upload(
  sftp: SftpClient,
  { from, folder, name, sizeBytes }: { from: string; folder: string; name: string; sizeBytes: number },
  onProgress: (part: number) => void,
): Promise<void> {
  await sftp.fastPut(from, path.posix.join(folder, name), {
    concurrency: 16,
    step: (transferred) => onProgress(sizeBytes === 0 ? 0 : Math.min(0.999, transferred / sizeBytes)),
  });
  onProgress(1);
}
