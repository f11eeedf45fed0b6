import { execFile, spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readFileSync } from "node:fs";
import { chmod, chown, mkdir, mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { connect } from "node:net";
import { userInfo } from "node:os";
import { dirname, join } from "node:path";
import { promisify } from "node:util";
import { choosePort, debianTool, waitFor } from "@inlet/stack";
import { ImapFlow } from "imapflow";

const exec = promisify(execFile);

const SETPRIV = ["/usr/bin/setpriv", "/bin/setpriv"].find((path) => existsSync(path));

/** The password of all accounts; an account is there as soon as somebody logs in to it. */
export const MAIL_PASSWORD = "of-the-mailbox";

/** A real Dovecot of a test's own. */
export interface Dovecot {
  /** In the clear, and with STARTTLS. */
  port: number;
  /** TLS from the first byte. */
  tlsPort: number;
  /** The certificate that it shows, for `localhost`, signed by itself. */
  certificateFile: string;
  /** A session of the mailbox's owner, to bring messages in and to see what became of them. */
  login(username: string): Promise<ImapFlow>;
  /** What it has logged: a line when a session ends, with what was asked of it. */
  lines(): string[];
  /** Makes the messages of an account unreadable for the server, which still lists them. */
  withhold(username: string): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops it and removes everything. */
  remove(): Promise<void>;
}

/** Starts one; undefined where there is none (in CI that is a failure). */
export async function openDovecot(): Promise<Dovecot | undefined> {
  const tool = await debianTool("dovecot");
  if (!tool) return undefined;
  const root = dirname(dirname(dirname(tool.command)));
  const libexec = join(root, "usr/lib/dovecot");
  const user = serverUser();
  // Short, for the path that is put into the library.
  const home = await mkdtemp("/tmp/imap-");
  const folders = ["run", "state", "mail", "lib"];
  for (const folder of folders) await mkdir(join(home, folder));
  await chmod(home, 0o755);
  const libraries =
    root === "/" ? libexec : [await relocate(libexec, home), libexec, join(libexec, "modules/old-stats")].join(":");
  const { certificateFile, keyFile } = await makeCertificate(home, tool.env);
  for (const each of [".", ...folders, "key.pem"]) await chown(join(home, each), user.uid, user.gid);
  const [port, tlsPort] = [await choosePort(), await choosePort()];
  const conf = join(home, "dovecot.conf");
  await writeFile(
    conf,
    `protocols = imap
base_dir = ${home}/run
state_dir = ${home}/state
libexec_dir = ${libexec}
import_environment = TZ LD_LIBRARY_PATH=${libraries}
log_path = /dev/stderr
listen = 127.0.0.1
default_internal_user = ${user.name}
default_internal_group = ${user.group}
default_login_user = ${user.name}
first_valid_uid = 1
first_valid_gid = 1
ssl = yes
ssl_cert = <${certificateFile}
ssl_key = <${keyFile}
ssl_dh =
disable_plaintext_auth = no
auth_mechanisms = plain login
auth_failure_delay = 0
service anvil {
  unix_listener anvil-auth-penalty {
    mode = 0
  }
}
mail_location = maildir:${home}/mail/%u
passdb {
  driver = static
  args = password=${MAIL_PASSWORD}
}
userdb {
  driver = static
  args = uid=${user.uid} gid=${user.gid} home=${home}/mail/%u
}
service imap-login {
  chroot =
  inet_listener imap {
    port = ${port}
  }
  inet_listener imaps {
    port = ${tlsPort}
    ssl = yes
  }
}
service anvil {
  chroot =
}
service stats {
  chroot =
}
`,
  );

  let words = "";
  let child: ReturnType<typeof spawn> | undefined;
  const start = async () => {
    // As another user than root, and not outliving a test that is killed.
    const identity = userInfo().uid === 0 ? ["--reuid", `${user.uid}`, "--regid", `${user.gid}`, "--clear-groups"] : [];
    const before = SETPRIV ? [SETPRIV, "--pdeathsig", "TERM", ...identity, "--"] : [];
    // An unpacked dovecot does not find doveconf, which reads the settings for it: so doveconf reads them and starts it.
    const settings = ["-c", conf, "-f", "service=master", "-m", "master", "-p", "-e"];
    const [command, ...args] = [...before, join(root, "usr/bin/doveconf"), ...settings, tool.command, "-F", "-c", conf];
    const env = { ...tool.env, LD_LIBRARY_PATH: [libraries, tool.env.LD_LIBRARY_PATH].filter(Boolean).join(":") };
    child = spawn(command!, args, { env, cwd: home, stdio: ["ignore", "ignore", "pipe"] });
    child.stderr?.on("data", (chunk) => {
      words = `${words}${chunk}`.slice(-200_000);
    });
    await waitFor(
      () => {
        if (child?.exitCode != null) throw new Error(`dovecot ended: ${words.slice(-2_000)}`);
        return greets(port);
      },
      { timeoutMs: 30_000, what: "dovecot" },
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
    port,
    tlsPort,
    certificateFile,
    async login(username) {
      const session = new ImapFlow({
        host: "127.0.0.1",
        port,
        secure: false,
        doSTARTTLS: false,
        auth: { user: username, pass: MAIL_PASSWORD },
        logger: false,
        disableAutoIdle: true,
      });
      session.on("error", () => {});
      await session.connect();
      return session;
    },
    lines: () => words.split("\n"),
    async withhold(username) {
      for (const folder of ["cur", "new"].map((name) => join(home, "mail", username, name))) {
        for (const name of await readdir(folder)) await chmod(join(folder, name), 0);
      }
    },
    start,
    stop,
    async remove() {
      await stop();
      await rm(home, { recursive: true, force: true });
    },
  };
}

/**
 * Dovecot looks for its TLS module in a folder that is written into its library. So an unpacked one gets a copy of the
 * library with another folder in it. Returns the folder of the copy.
 */
async function relocate(libexec: string, home: string): Promise<string> {
  const there = "/usr/lib/dovecot/modules";
  const here = join(home, "modules");
  const library = await readFile(join(libexec, "libdovecot.so.0"));
  const at = library.indexOf(`${there}\0`);
  if (at === -1 || here.length > there.length) throw new Error(`${here} cannot be put into Dovecot's library`);
  library.write(here.padEnd(there.length, "\0"), at, "latin1");
  await symlink(join(libexec, "modules"), here);
  await writeFile(join(home, "lib/libdovecot.so.0"), library);
  return join(home, "lib");
}

async function makeCertificate(
  home: string,
  env: NodeJS.ProcessEnv,
): Promise<{ certificateFile: string; keyFile: string }> {
  const [certificateFile, keyFile] = [join(home, "certificate.pem"), join(home, "key.pem")];
  const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-keyout", keyFile];
  await exec("openssl", ["req", "-x509", "-days", "2", ...key, ...subject, "-out", certificateFile], { env });
  return { certificateFile, keyFile };
}

/** Mail is never root's; a plain user's Dovecot runs as that user. */
function serverUser(): { name: string; group: string; uid: number; gid: number } {
  const own = userInfo();
  const lineOf = (file: string, wanted: (fields: string[]) => boolean) =>
    readFileSync(file, "utf8")
      .split("\n")
      .map((line) => line.split(":"))
      .find(wanted);
  const [name, , uid, gid] =
    lineOf("/etc/passwd", (fields) => (own.uid === 0 ? fields[0] === "nobody" : fields[2] === String(own.uid))) ?? [];
  const [group] = lineOf("/etc/group", (fields) => fields[2] === gid) ?? [];
  if (!name || !group) throw new Error("/etc/passwd and /etc/group do not name a user for Dovecot");
  return { name, group, uid: Number(uid), gid: Number(gid) };
}

const greets = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    const end = (answer: boolean) => {
      socket.destroy();
      resolve(answer);
    };
    socket.once("data", () => end(true));
    socket.once("error", () => end(false));
    socket.once("close", () => resolve(false));
  });
