import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { tmpdir, userInfo } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import type { RemoteServer } from "@inlet/contracts";
import { choosePort, debianTool, waitFor } from "@inlet/stack";

const exec = promisify(execFile);

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/** A real OpenSSH server of a test's own, logged in to by key. */
export interface OpenSsh {
  /** As a profile names it; the secret is for the test to store. */
  server: RemoteServer;
  privateKey: Buffer;
  /** Fingerprints of all its host keys. */
  hostKeys: Record<"ed25519" | "rsa", string>;
  /** A folder on the server; it has no space in its name. */
  folder: string;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes everything. */
  remove(): Promise<void>;
}

/** Starts one; undefined where there is no sshd (in CI that is a failure). */
export async function openSshServer(): Promise<OpenSsh | undefined> {
  const [sshd, keygen] = [await debianTool("sshd"), await debianTool("ssh-keygen")];
  if (!sshd || !keygen) return undefined;
  // sshd needs it as root, and nobody makes it without an init system.
  if (userInfo().uid === 0) await mkdir("/run/sshd", { recursive: true, mode: 0o755 });
  const home = await mkdtemp(join(tmpdir(), "inlet-sshd-"));
  const folder = join(home, "files");
  await mkdir(folder);
  const makeKey = async (type: string, name: string) => {
    const path = join(home, name);
    await exec(keygen.command, ["-q", "-t", type, ...(type === "rsa" ? ["-b", "2048"] : []), "-N", "", "-f", path]);
    const { stdout } = await exec(keygen.command, ["-lf", `${path}.pub`]);
    return { path, fingerprint: stdout.split(" ")[1]! };
  };
  const [ed25519, rsa, login] = await Promise.all([
    makeKey("ed25519", "host_ed25519"),
    makeKey("rsa", "host_rsa"),
    makeKey("ed25519", "login"),
  ]);
  const port = await choosePort();
  const conf = join(home, "sshd_config");
  await writeFile(
    conf,
    [
      `ListenAddress 127.0.0.1:${port}`,
      `HostKey ${ed25519.path}`,
      `HostKey ${rsa.path}`,
      `AuthorizedKeysFile ${login.path}.pub`,
      `PidFile none`,
      "PermitRootLogin yes",
      "PasswordAuthentication no",
      "UsePAM no",
      "StrictModes no",
      "MaxStartups 100",
      "Subsystem sftp internal-sftp",
    ].join("\n"),
  );

  let child: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    // It would outlive a test that is killed.
    const mortal = SETPRIV ? [SETPRIV, "--pdeathsig", "TERM", "--"] : [];
    const [command, ...args] = [...mortal, sshd.command, "-D", "-e", "-f", conf];
    child = spawn(command!, args, {
      env: sshd.env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    child.stderr?.on("data", (chunk) => {
      words = `${words}${chunk}`.slice(-2_000);
    });
    await waitFor(
      () => {
        if (child?.exitCode != null) throw new Error(`sshd ended: ${words}`);
        return answers(port);
      },
      { timeoutMs: 30_000, what: "sshd" },
    );
  };
  const stop = async () => {
    const ended = child && child.exitCode === null ? once(child, "exit") : undefined;
    child?.kill("SIGTERM");
    await ended;
    child = undefined;
  };
  await start();
  return {
    server: {
      host: "127.0.0.1",
      port,
      username: userInfo().username,
      secret: "erp",
      hostKey: ed25519.fingerprint,
    },
    privateKey: await readFile(login.path),
    hostKeys: { ed25519: ed25519.fingerprint, rsa: rsa.fingerprint },
    folder,
    start,
    stop,
    async remove() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

const answers = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => {
      socket.destroy();
      resolve(true);
    });
    socket.once("error", () => resolve(false));
  });
