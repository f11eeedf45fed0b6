import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";
import path from "node:path";
import { findOnPath, type Provided, provideDebianPackages } from "./debian.ts";

/** A program for tests: its full path, and what its environment needs on top. */
export type DebianTool = { command: string; env: NodeJS.ProcessEnv };

type Recipe = {
  packages: string[];
  /** Where the program is, below `/` or below the folder that the packages were unpacked into. */
  find: (root: string) => string | undefined;
  /** The package would start a service when installed. */
  unpack?: boolean;
  /** Only newer Debians have it. */
  suite?: string;
  /** Whether a program that was found can do its work. */
  works?: (command: string) => boolean;
};

const at =
  (...places: string[]) =>
  (root: string): string | undefined =>
    places.map((place) => path.join(root, place)).find((file) => existsSync(file));

/** The command of a program that may also lie elsewhere on PATH. */
const onPath =
  (name: string, place = `usr/bin/${name}`) =>
  (root: string) =>
    root === "/" ? (findOnPath(name) ?? at(place)(root)) : at(place)(root);

const TOOLS = {
  sftp: { packages: ["openssh-client"], find: onPath("sftp") },
  ssh: { packages: ["openssh-client"], find: onPath("ssh") },
  "ssh-keygen": { packages: ["openssh-client"], find: onPath("ssh-keygen") },
  sshd: { packages: ["openssh-server", "openssh-sftp-server"], find: at("usr/sbin/sshd"), unpack: true },
  /** Its other programs are found by the settings that the test gives it (`libexec_dir`), also where it is unpacked. */
  dovecot: { packages: ["dovecot-imapd"], find: at("usr/sbin/dovecot"), unpack: true },
  lftp: { packages: ["lftp"], find: onPath("lftp") },
  rclone: { packages: ["rclone"], find: onPath("rclone") },
  sshfs: { packages: ["sshfs"], find: onPath("sshfs") },
  /** Debian's Python, which has paramiko; another one on PATH has not. */
  paramiko: { packages: ["python3", "python3-paramiko"], find: at("usr/bin/python3"), works: imports("paramiko") },
  gpg: { packages: ["gnupg"], find: onPath("gpg") },
  /** Info-ZIP's. */
  zip: { packages: ["zip"], find: onPath("zip") },
  unzip: { packages: ["unzip"], find: onPath("unzip") },
  "7z": { packages: ["p7zip-full"], find: onPath("7z", "usr/lib/p7zip/7z") },
  /** Not /usr/bin/psql, which is a Perl script that looks for a cluster first. */
  psql: { packages: ["postgresql-client"], find: newestPsql },
  /** Compose v2: it checks a file without an engine. */
  "docker-compose": {
    packages: ["docker-compose"],
    find: at("usr/libexec/docker/cli-plugins/docker-compose", "usr/bin/docker-compose"),
    suite: "trixie",
  },
  ffmpeg: { packages: ["ffmpeg"], find: onPath("ffmpeg") },
  chromium: { packages: ["chromium"], find: onPath("chromium") },
} satisfies Record<string, Recipe>;

/** A program that tests can ask for. */
export type DebianToolName = keyof typeof TOOLS;

const known = new Map<DebianToolName, Promise<DebianTool>>();

/**
 * Provides a program for tests and benchmarks: the one on this machine, or Debian's, fetched on first use.
 * @throws {Error} one sentence when it cannot be had
 */
export function requireDebianTool(name: DebianToolName): Promise<DebianTool> {
  const tool = known.get(name) ?? provide(name);
  known.set(name, tool);
  return tool;
}

/**
 * The same for a test that may be left out: without the program it answers undefined and says so, for
 * `it.skipIf(!lftp)`. In CI (CI is set) a missing program is a failure.
 */
export async function debianTool(name: DebianToolName): Promise<DebianTool | undefined> {
  try {
    return await requireDebianTool(name);
  } catch (error) {
    if (process.env.CI) throw error;
    process.stderr.write(`tests with ${name} are left out: ${(error as Error).message}\n`);
    return undefined;
  }
}

/** All names, for the set-up before a test run. */
export const isDebianToolName = (name: string): name is DebianToolName => name in TOOLS;

async function provide(name: DebianToolName): Promise<DebianTool> {
  const { packages, find, unpack = false, suite, works = () => true }: Recipe = TOOLS[name];
  const present = find("/");
  if (present && works(present)) return { command: present, env: process.env };
  const provided: Provided = await provideDebianPackages(name, packages, { unpack, ...(suite && { suite }) }).catch(
    (cause: Error) => {
      throw new Error(`${name} is missing: install ${packages.join(", ")} (${cause.message})`, { cause });
    },
  );
  const command = find(provided.root) ?? find("/");
  if (!command) throw new Error(`${packages.join(", ")} did not bring ${name}`);
  return { command, env: { ...process.env, ...provided.env } };
}

function newestPsql(root: string): string | undefined {
  const folder = path.join(root, "usr/lib/postgresql");
  if (!existsSync(folder)) return undefined;
  const versions = readdirSync(folder).sort((a, b) => Number(b) - Number(a));
  return versions.map((version) => path.join(folder, version, "bin/psql")).find((file) => existsSync(file));
}

function imports(module: string) {
  return (python: string): boolean => {
    try {
      execFileSync(python, ["-c", `import ${module}`], { stdio: "ignore" });
      return true;
    } catch {
      return false;
    }
  };
}
