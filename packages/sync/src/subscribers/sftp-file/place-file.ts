import { open } from "node:fs/promises";
import { connectRemote } from "@inlet/remote-sftp";
import type { SubscriberContext } from "../../subscriber.ts";
import type { SftpFileSettings } from "./settings.ts";

/**
 * Puts a file of ours into the remote folder: under a hidden name first, and under its own when all of it is there. One of the same
 * name is replaced.
 * @throws Misconfigured, Unavailable
 */
export async function placeFile(
  {
    settings,
    secrets,
    network,
    signal,
  }: Pick<SubscriberContext<SftpFileSettings>, "settings" | "secrets" | "network" | "signal">,
  { name, path }: { name: string; path: string },
): Promise<void> {
  const { server, folder } = settings;
  const secret = Buffer.from(secrets.login!);
  const remote = await connectRemote({ ...server, secret: "login" }, secret, { network, signal });
  const file = await open(path);
  try {
    const below = (each: string) => `${folder.replace(/\/+$/, "")}/${each}`;
    const hidden = below(`.${name}.part`);
    await remote.remove(hidden);
    const { size: sizeBytes } = await file.stat();
    await remote.create(hidden, {
      sizeBytes,
      async read(offset, length) {
        const buffer = Buffer.allocUnsafe(length);
        const { bytesRead } = await file.read(buffer, 0, length, offset);
        return buffer.subarray(0, bytesRead);
      },
    });
    await remote.replace(hidden, below(name));
  } finally {
    await file.close();
    await remote.close();
  }
}
