import { spawn } from "node:child_process";
import { accessSync, constants, mkdirSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import { TOOLS } from "./pinned.js";
import { SetUpError } from "./progress.js";

/**
 * Runs npm or pnpm in silence; when it fails, its last words are in the error.
 * @param {string} command
 * @param {string[]} args
 * @param {{ cwd: string, env: NodeJS.ProcessEnv, what: string, onStart: (pid: number) => void }} options
 */
export async function runInstaller(command, args, { cwd, env, what, onStart }) {
  const child = spawn(command, args, { cwd, env, stdio: ["ignore", "pipe", "pipe"] });
  if (child.pid !== undefined) onStart(child.pid);
  let output = "";
  const keep = (chunk) => {
    output = (output + chunk).slice(-8000);
  };
  child.stdout.on("data", keep);
  child.stderr.on("data", keep);
  const giveUp = (signal) => {
    child.kill(signal);
    process.exit(signal === "SIGINT" ? 130 : 143);
  };
  process.on("SIGINT", giveUp);
  process.on("SIGTERM", giveUp);
  try {
    const code = await new Promise((resolve, reject) => {
      child.on("error", (error) => reject(new SetUpError(`${what} failed: cannot start ${command} (${error.code})`)));
      child.on("close", (exitCode, signal) => resolve(signal ?? exitCode));
    });
    if (code !== 0) throw new SetUpError(`${what} failed (${code}):\n${lastLines(output)}\n${advice(output)}`);
  } finally {
    process.off("SIGINT", giveUp);
    process.off("SIGTERM", giveUp);
  }
}

const lastLines = (output) =>
  output
    .trimEnd()
    .split("\n")
    .slice(-15)
    .map((line) => `  ${line}`)
    .join("\n");

function advice(output) {
  if (/ENOTFOUND|EAI_AGAIN|ECONNREFUSED|ETIMEDOUT|ECONNRESET/.test(output))
    return "The npm registry cannot be reached: check the network, `npm config get registry` and the proxy settings.";
  if (/certificate|CERT_|SELF_SIGNED/i.test(output))
    return "The registry's certificate is not trusted: set NODE_EXTRA_CA_CERTS to your organisation's CA file.";
  if (/OUTDATED_LOCKFILE|frozen-lockfile/.test(output))
    return "A package.json and pnpm-lock.yaml differ: run `node infra/bootstrap/run.js pnpm install --no-frozen-lockfile`.";
  if (/ENOSPC/.test(output)) return "The disk is full.";
  return "Once that is solved, run the same command again.";
}

/**
 * The environment for npm and pnpm: a home that can be written to (system users have none), and the certificates that
 * the person's npm trusts, which pnpm does not read by itself.
 * @returns {NodeJS.ProcessEnv}
 */
export function installerEnv() {
  const env = { ...process.env, ...writableHome(), CI: "true" };
  if (env.npm_config_cafile && !env.NODE_EXTRA_CA_CERTS) env.NODE_EXTRA_CA_CERTS = env.npm_config_cafile;
  if (!env.NODE_EXTRA_CA_CERTS) env.NODE_USE_SYSTEM_CA ??= "1";
  if (env.npm_config_registry) env.pnpm_config_registry ??= env.npm_config_registry;
  return env;
}

function writableHome() {
  try {
    accessSync(os.homedir(), constants.W_OK);
    return {};
  } catch {
    const home = path.join(TOOLS, "home");
    mkdirSync(home, { recursive: true });
    return {
      HOME: home,
      XDG_DATA_HOME: `${home}/data`,
      XDG_CACHE_HOME: `${home}/cache`,
      npm_config_cache: `${home}/npm`,
    };
  }
}
