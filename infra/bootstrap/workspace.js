import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import path from "node:path";
import { installerEnv, runInstaller } from "./installer.js";
import { withSetUpLock } from "./lock.js";
import { ROOT } from "./pinned.js";
import { SetUpError, step } from "./progress.js";

const STAMP = path.join(ROOT, "node_modules/.inlet-installed");

/**
 * Brings `node_modules` in line with the lockfile. What was installed is remembered as a hash of everything that
 * decides it, so the next start only reads some thirty small files.
 * @param {import("./toolchain.js").Toolchain} toolchain
 */
export async function installWorkspace(toolchain) {
  if (isInstalled(toolchain)) return;
  await withSetUpLock(async (addOwner) => {
    if (isInstalled(toolchain)) return;
    await step("installing the workspace's packages", async () => {
      rmSync(STAMP, { force: true });
      const env = installerEnv();
      env.PATH = `${path.dirname(toolchain.node)}${path.delimiter}${env.PATH ?? ""}`;
      const args = [toolchain.pnpm, "install", "--frozen-lockfile", "--prefer-offline", "--reporter=append-only"];
      await runInstaller(toolchain.node, args, { cwd: ROOT, env, what: "pnpm install", onStart: addOwner });
      writeFileSync(`${STAMP}.new`, fingerprint(toolchain));
      renameSync(`${STAMP}.new`, STAMP);
    });
  });
}

const isInstalled = (toolchain) => existsSync(STAMP) && readFileSync(STAMP, "utf8") === fingerprint(toolchain);

/** Also names the packages whose own `node_modules` is missing: someone may have removed it by hand. */
function fingerprint(toolchain) {
  const hash = createHash("sha256").update(toolchain.version);
  const read = (file) => readFileSync(path.join(ROOT, file));
  for (const file of ["pnpm-lock.yaml", "pnpm-workspace.yaml", "package.json"])
    hash.update(`\0${file}\0`).update(read(file));
  for (const folder of workspaceFolders()) {
    const manifest = read(`${folder}/package.json`);
    const complete = !/ependencies"/.test(manifest) || existsSync(path.join(ROOT, folder, "node_modules"));
    hash.update(`\0${folder}\0${complete}\0`).update(manifest);
  }
  return hash.digest("hex");
}

/** The folders that `packages:` in pnpm-workspace.yaml stands for. Written `folder` or `folder/*` there. */
function workspaceFolders() {
  const yaml = readFileSync(path.join(ROOT, "pnpm-workspace.yaml"), "utf8");
  const list = /^packages:\n((?:[ \t]+-.*\n|[ \t]*#.*\n)+)/m.exec(yaml)?.[1] ?? "";
  const patterns = [...list.matchAll(/^[ \t]+-[ \t]*["']?([^"'\s#]+)/gm)].map((match) => match[1]);
  return patterns.flatMap(foldersOf).filter((folder) => existsSync(path.join(ROOT, folder, "package.json")));
}

function foldersOf(pattern) {
  const parent = /^([^*]+)\/\*$/.exec(pattern)?.[1];
  if (parent === undefined && pattern.includes("*"))
    throw new SetUpError(`pnpm-workspace.yaml: "${pattern}" is not understood: write a folder, or folder/*`);
  if (parent === undefined) return [pattern];
  const absolute = path.join(ROOT, parent);
  return existsSync(absolute)
    ? readdirSync(absolute)
        .sort()
        .map((name) => `${parent}/${name}`)
    : [];
}
