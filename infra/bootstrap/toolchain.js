import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import path from "node:path";
import { installerEnv, runInstaller } from "./installer.js";
import { withSetUpLock } from "./lock.js";
import { NODE_VERSION, nodePackage, PNPM_VERSION, TOOLS } from "./pinned.js";
import { SetUpError, step } from "./progress.js";

/** @typedef {{ node: string, pnpm: string, version: string }} Toolchain paths of the Node binary and of pnpm's script */

/**
 * The pinned Node and pnpm, installed when they are not there yet.
 * A folder under its final name is complete: it is filled under another one and renamed.
 * @returns {Promise<Toolchain>}
 */
export async function openToolchain() {
  const wanted = describe();
  if (!existsSync(wanted.folder)) await withSetUpLock((addOwner) => install(wanted, addOwner));
  return wanted.toolchain;
}

function describe() {
  const quick = path.join(TOOLS, `node-${NODE_VERSION}-pnpm-${PNPM_VERSION}-${process.platform}-${process.arch}`);
  // Asking for the C library is slow (a report of the process): only when nothing is installed yet.
  const build = existsSync(quick) ? `node-${process.platform}-${process.arch}` : nodePackage();
  const folder = build ? quick : path.join(TOOLS, `pnpm-${PNPM_VERSION}`);
  const modules = path.join(folder, "node_modules");
  return {
    folder,
    packages: [...(build ? [`${build}@${NODE_VERSION}`] : []), `pnpm@${PNPM_VERSION}`],
    toolchain: {
      node: build ? path.join(modules, build, "bin/node") : nodeOnPath(),
      pnpm: path.join(modules, "pnpm/bin/pnpm.mjs"),
      version: path.basename(folder),
    },
  };
}

/** Where no build is published, the Node that runs this, or the one on PATH, must be new enough itself. */
function nodeOnPath() {
  if (Number.parseInt(process.versions.node, 10) >= 24) return process.execPath;
  throw new SetUpError(
    `there is no published Node ${NODE_VERSION} for ${process.platform}-${process.arch}: ` +
      `install Node 24 or newer and run this again (this is Node ${process.versions.node})`,
  );
}

async function install({ folder, packages, toolchain }, addOwner) {
  if (existsSync(folder)) return;
  removeLeftOvers();
  const temporary = path.join(TOOLS, `tmp-${process.pid}`);
  mkdirSync(temporary, { recursive: true });
  const what = packages.length > 1 ? `Node ${NODE_VERSION} and pnpm ${PNPM_VERSION}` : `pnpm ${PNPM_VERSION}`;
  await step(`installing ${what} into .tools (once)`, async () => {
    const [command, first] = npm();
    const flags = [
      "--no-save",
      "--no-package-lock",
      "--ignore-scripts",
      "--no-audit",
      "--no-fund",
      "--no-engine-strict",
    ];
    const args = [...first, "install", "--prefix", temporary, ...flags, "--loglevel=error", ...packages];
    await runInstaller(command, args, { cwd: temporary, env: installerEnv(), what: "npm install", onStart: addOwner });
    const inTemporary = toolchain.node.replace(folder, temporary);
    try {
      execFileSync(inTemporary, ["--version"], { stdio: "pipe" });
    } catch (error) {
      throw new SetUpError(`the installed Node does not start on this system: ${error.message}`);
    }
    renameSync(temporary, folder);
  });
}

/** npm as the person called it, or else the one on PATH. */
function npm() {
  const script = process.env.npm_execpath;
  if (script && path.basename(script) === "npm-cli.js" && existsSync(script)) return [process.execPath, [script]];
  return ["npm", []];
}

/** Called under the lock: a `tmp-*` folder of anybody is that of a killed start. */
function removeLeftOvers() {
  for (const name of readdirSync(TOOLS))
    if (name.startsWith("tmp-")) rmSync(path.join(TOOLS, name), { recursive: true, force: true });
}
