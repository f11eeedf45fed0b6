import { execFile } from "node:child_process";
import { accessSync, constants, existsSync } from "node:fs";
import { mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import path from "node:path";
import { promisify } from "node:util";
import { withFileLock } from "./file-lock.ts";
import { sharedHome } from "./server-home.ts";
import { isRoot } from "./server-user.ts";

const exec = promisify(execFile);

/** Where the files of some packages are: `/` or a folder they were unpacked into, and what programs there need. */
export type Provided = { root: string; env: Record<string, string> };

/** Beside the lists of packages: as old as they are. */
const UPDATED = "updated";
/** A list of packages that is older is fetched again: what it names may be gone from the mirror. */
const LISTS_MAX_AGE_MS = 24 * 60 * 60 * 1000;

/**
 * Makes Debian packages available: installed when this is root, else unpacked into the git-ignored folder, with the
 * packages they depend on. Remembers what is there; several processes may ask at once.
 * @param name names the unpacked folder
 * @param options unpack: never install (a package that would start a service). suite: take it from another Debian, alone,
 *   without what it depends on; never installed
 * @throws {Error} when this is no Debian or the packages cannot be had
 */
export async function provideDebianPackages(
  name: string,
  packages: readonly string[],
  { unpack = false, suite }: { unpack?: boolean; suite?: string } = {},
): Promise<Provided> {
  if (!findOnPath("apt-get") || !findOnPath("dpkg"))
    throw new Error("this is no Debian, so Inlet cannot fetch it itself");
  const home = await sharedHome();
  if (isRoot() && !unpack && !suite) {
    if (!(await areInstalled(packages))) await withFileLock(path.join(home, "apt.lock"), () => install(packages));
    return { root: "/", env: {} };
  }
  const root = path.join(home, "debian", name);
  const done = path.join(root, ".complete");
  if (!existsSync(done))
    await withFileLock(path.join(home, "apt.lock"), async () => {
      if (existsSync(done)) return;
      const folder = path.join(home, "debian", `.apt${suite ?? ""}`);
      try {
        await unpackInto(root, packages, await openApt(folder, suite));
      } catch (error) {
        // Without a network apt-get calls a list that it could not get a success: the next try asks for it anew.
        await rm(path.join(folder, UPDATED), { force: true });
        throw error;
      }
      await writeFile(done, "");
    });
  return { root, env: environmentOf(root) };
}

/** A program on PATH or in one of the folders that a plain user's PATH leaves out. */
export function findOnPath(name: string): string | undefined {
  const folders = [...(process.env.PATH ?? "").split(path.delimiter), "/usr/local/sbin", "/usr/sbin", "/sbin"];
  return folders.map((folder) => path.join(folder, name)).find(isExecutable);
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

async function areInstalled(packages: readonly string[]): Promise<boolean> {
  const query = ["-W", "-f", `\${db:Status-Status}\n`, ...packages];
  const { stdout } = await exec("dpkg-query", query).catch(() => ({ stdout: "" }));
  return stdout.split("\n").filter((line) => line === "installed").length === packages.length;
}

async function install(packages: readonly string[]): Promise<void> {
  if (await areInstalled(packages)) return;
  say(`installing ${packages.join(" ")} (apt-get)`);
  const options = ["-y", "-q", "--no-install-recommends", "-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"];
  const attempt = () => apt(["install", ...options, ...packages]);
  // The lists may be missing (a minimal image) or too old.
  await attempt().catch(async () => {
    await apt(["update", "-q", "-o", "Acquire::Retries=3"]);
    await attempt();
  });
}

/** An apt with lists and downloads of its own, which needs no rights. */
type Apt = { options: string[]; withDependencies: boolean };

async function openApt(folder: string, suite: string | undefined): Promise<Apt> {
  const own: Record<string, string> = {
    "Dir::State::Lists": path.join(folder, "lists"),
    "Dir::State::extended_states": path.join(folder, "extended_states"),
    "Dir::Cache": path.join(folder, "cache"),
    "Debug::NoLocking": "1",
    "APT::Sandbox::User": "",
  };
  await mkdir(path.join(folder, "lists/partial"), { recursive: true });
  await mkdir(path.join(folder, "cache/archives/partial"), { recursive: true });
  if (suite) {
    own["Dir::Etc::SourceList"] = path.join(folder, "sources.list");
    own["Dir::Etc::SourceParts"] = "/dev/null";
    const key = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
    await writeFile(path.join(folder, "sources.list"), `deb ${key} http://deb.debian.org/debian ${suite} main\n`);
  }
  const options = Object.entries(own).flatMap(([option, value]) => ["-o", `${option}=${value}`]);
  if (await isOld(path.join(folder, UPDATED))) {
    await apt(["update", "-q", "-o", "Acquire::Retries=3", ...options]);
    await writeFile(path.join(folder, UPDATED), "");
  }
  return { options, withDependencies: suite === undefined };
}

async function unpackInto(
  root: string,
  packages: readonly string[],
  { options, withDependencies }: Apt,
): Promise<void> {
  say(`fetching ${packages.join(" ")} (unpacked, not installed)`);
  const missing = withDependencies ? await missingFor(packages, options) : [];
  const wanted = [...new Set([...packages, ...missing])];
  const downloads = `${root}.packages`;
  await rm(root, { recursive: true, force: true });
  await rm(downloads, { recursive: true, force: true });
  await mkdir(downloads, { recursive: true });
  await apt(["download", "-q", "-o", "Acquire::Retries=3", ...options, ...wanted], downloads);
  for (const file of await readdir(downloads)) await exec("dpkg", ["-x", path.join(downloads, file), root]);
  await rm(downloads, { recursive: true });
}

/** What apt would install for these packages. */
async function missingFor(packages: readonly string[], options: string[]): Promise<string[]> {
  const simulate = ["install", "-qq", "--print-uris", "--no-install-recommends"];
  const { stdout } = await apt([...simulate, ...options, ...packages]);
  // A line: 'http://…/lftp_4.9.2-2%2bb1_amd64.deb' lftp_4.9.2-2+b1_amd64.deb 720912 SHA256:…
  return [...stdout.matchAll(/^'[^']*' ([^_\s]+)_/gm)].map((match) => match[1] ?? "");
}

/** Libraries that lie in folders of their own, where an installed system finds them by links: ffmpeg wants them. */
const OWN_FOLDERS = ["pulseaudio", "blas", "lapack"];

/** Programs, libraries and Python modules of unpacked packages are found by these. */
export function environmentOf(root: string): Record<"PATH" | "LD_LIBRARY_PATH" | "PYTHONPATH", string> {
  const architecture = process.arch === "arm64" ? "aarch64-linux-gnu" : "x86_64-linux-gnu";
  const libraries = `usr/lib/${architecture}`;
  const under = (...folders: string[]) => folders.map((folder) => path.join(root, folder));
  const bins = under("usr/bin", "usr/sbin", "bin", "sbin");
  return {
    PATH: [...bins, process.env.PATH ?? ""].join(path.delimiter),
    LD_LIBRARY_PATH: under(
      ...[libraries, `lib/${architecture}`, "usr/lib", ...OWN_FOLDERS.map((folder) => `${libraries}/${folder}`)],
    ).join(path.delimiter),
    PYTHONPATH: under("usr/lib/python3/dist-packages").join(path.delimiter),
  };
}

async function apt(args: string[], cwd?: string): Promise<{ stdout: string }> {
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive", LC_ALL: "C" };
  const run = exec("apt-get", args, { env, maxBuffer: 64 * 1024 * 1024, ...(cwd && { cwd }) });
  return run.catch((error: Error & { stderr?: string }) => {
    const reason = error.stderr?.trim().split("\n").slice(-3).join(" ") || error.message;
    throw new Error(`apt-get ${args[0]} failed: ${reason}`);
  });
}

const isOld = (file: string) =>
  stat(file).then(
    ({ mtimeMs }) => Date.now() - mtimeMs > LISTS_MAX_AGE_MS,
    () => true,
  );

const say = (line: string) => void process.stderr.write(`inlet: ${line} …\n`);
