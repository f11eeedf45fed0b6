import { watch } from "node:fs";
import { hashPassword } from "@inlet/runtime";
import SftpClient from "ssh2-sftp-client";
import type { BenchHub, BenchProject } from "./hub.ts";

const PASSWORD = "bench password, not a secret";

/** A client that sends files through the gateway, one at a time, and looks for their results. */
export interface Sender {
  /** How long it took from the answered CLOSE to the result file in Downloads. */
  closeToResultMs(fileName: string, bytes: Buffer): Promise<number>;
  close(): Promise<void>;
}

/** Logs in by SFTP as the project's client. */
export async function openSender(hub: BenchHub, project: BenchProject): Promise<Sender> {
  await hub.database.query
    .updateTable("accounts")
    .set({ password_hash: await hashPassword(PASSWORD) })
    .where("id", "=", project.accountId)
    .execute();
  const { uploads, downloads } = project.profile.folders!;
  const client = new SftpClient();
  await client.connect({ ...hub.stack.sftp, username: project.client, password: PASSWORD });
  return {
    async closeToResultMs(fileName, bytes) {
      const arrived = resultSeen(project.folder(downloads!), `PURL_${fileName}`);
      await client.put(bytes, `${uploads}/${fileName}`);
      const closedMs = performance.now();
      return (await arrived) - closedMs;
    },
    close: async () => void (await client.end()),
  };
}

/** When a file of this name comes into a folder. */
function resultSeen(folder: string, name: string): Promise<number> {
  return new Promise((resolve, reject) => {
    const timeout = setTimeout(() => reject(new Error(`${name} did not come within 30 s`)), 30_000);
    const watcher = watch(folder, (_event, seen) => {
      if (seen !== name) return;
      clearTimeout(timeout);
      watcher.close();
      resolve(performance.now());
    });
  });
}
