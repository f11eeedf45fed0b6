import { execFile, spawn } from "node:child_process";
import { mkdtemp, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { requireDebianTool } from "@inlet/stack";

const exec = promisify(execFile);

/** A key in a GnuPG home of a test. */
export interface GnuPgKey {
  fingerprint: string;
  publicKey: string;
  privateKey: string;
}

export interface GnuPg {
  /** Runs gpg; gives back what it wrote. @throws with what it said */
  run(args: readonly string[], input?: Uint8Array | string): Promise<{ output: Buffer; status: string }>;
  /** A primary key that signs, with a sub key that encrypts. */
  makeKey(options: KeyOptions): Promise<GnuPgKey>;
  importKey(armored: string): Promise<void>;
  exportPublic(fingerprint: string): Promise<string>;
  /** Where the revocation that gpg makes with each key lies. */
  readonly home: string;
  close(): Promise<void>;
}

interface KeyOptions {
  name: string;
  algorithm: "rsa3072" | "rsa1024" | "ed25519" | "nistp256";
  /** As gpg takes it, such as `1y` or `1d`. */
  expires?: string;
  /** When the key is made, as gpg takes it: `20200101T000000`. */
  at?: string;
}

const ENCRYPTION = { rsa3072: "rsa3072", rsa1024: "rsa1024", ed25519: "cv25519", nistp256: "nistp256" } as const;

/** The real gpg with a home of its own, in a folder with a short path: its agent's sockets lie there. */
export async function openGnuPg(): Promise<GnuPg> {
  const { command, env } = await requireDebianTool("gpg");
  const home = await mkdtemp("/tmp/gpg-");
  const environment = { ...env, GNUPGHOME: home, LC_ALL: "C" };
  const base = ["--batch", "--yes", "--no-tty", "--quiet", "--trust-model", "always", "--status-fd", "2"];

  const run: GnuPg["run"] = (args, input = "") =>
    new Promise((resolve, reject) => {
      const gpg = spawn(command, [...base, ...args], { env: environment, stdio: ["pipe", "pipe", "pipe"] });
      const output: Buffer[] = [];
      const status: Buffer[] = [];
      gpg.stdout.on("data", (chunk: Buffer) => output.push(chunk));
      gpg.stderr.on("data", (chunk: Buffer) => status.push(chunk));
      gpg.on("error", reject);
      gpg.on("close", (code) => {
        const said = Buffer.concat(status).toString();
        if (code === 0) resolve({ output: Buffer.concat(output), status: said });
        else reject(new Error(`gpg ${args.join(" ")} ended with ${code}: ${said}`));
      });
      // It may end before it has read everything.
      gpg.stdin.on("error", () => {});
      gpg.stdin.end(input);
    });

  const exportPublic = async (fingerprint: string) =>
    (await run(["--armor", "--export", fingerprint])).output.toString();

  return {
    home,
    run,
    exportPublic,
    async makeKey({ name, algorithm, expires = "1y", at }) {
      const time = at === undefined ? [] : ["--faked-system-time", `${at}!`];
      const unlocked = ["--pinentry-mode", "loopback", "--passphrase", ""];
      const userId = `${name} <${name}@example.com>`;
      const made = await run([...time, ...unlocked, "--quick-gen-key", userId, algorithm, "sign", expires]);
      const fingerprint = /KEY_CREATED \S+ ([0-9A-F]{40})/.exec(made.status)?.[1];
      if (fingerprint === undefined) throw new Error(`gpg made no key: ${made.status}`);
      await run([...time, ...unlocked, "--quick-add-key", fingerprint, ENCRYPTION[algorithm], "encr", expires]);
      const secret = await run([...unlocked, "--armor", "--export-secret-keys", fingerprint]);
      return { fingerprint, publicKey: await exportPublic(fingerprint), privateKey: secret.output.toString() };
    },
    async importKey(armored) {
      await run(["--import"], armored);
    },
    async close() {
      await exec(join(dirname(command), "gpgconf"), ["--kill", "all"], { env: environment }).catch(() => {});
      await rm(home, { recursive: true, force: true });
    },
  };
}
