import { randomBytes } from "node:crypto";
import {
  appendFileSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import path from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { TOOLS } from "./pinned.js";
import { identityOf, isAlive } from "./process-identity.js";
import { SetUpError, say } from "./progress.js";

const LOCK = path.join(TOOLS, "set-up.lock");

/**
 * Lets one start at a time change `.tools/` and `node_modules`. The lock names its owner and the installers it started,
 * one process a line: it counts as long as one of them lives, so an installer that outlived a killed start is waited for.
 * @template T
 * @param {(addOwner: (pid: number) => void) => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function withSetUpLock(work) {
  makeTools();
  const mine = `${identityOf(process.pid)}\n`;
  const file = path.join(TOOLS, `lock-${process.pid}-${randomBytes(4).toString("hex")}`);
  writeFileSync(file, mine);
  try {
    await acquire(file);
    removeDead();
    return await work((pid) => appendFileSync(file, `${identityOf(pid)}\n`));
  } finally {
    // The two names are one file: when they still are, the lock is ours to remove.
    if (readOrEmpty(LOCK).startsWith(mine)) rmSync(LOCK, { force: true });
    rmSync(file, { force: true });
  }
}

async function acquire(file) {
  let told = false;
  for (;;) {
    try {
      linkSync(file, LOCK);
      return;
    } catch (error) {
      if (error.code !== "EEXIST") throw error;
    }
    if (!removeIfStale()) {
      if (!told) say("another start is setting up, waiting for it …");
      told = true;
      await pause(100);
    }
  }
}

/** @returns {boolean} whether it is worth trying again at once */
function removeIfStale() {
  const seen = readOrEmpty(LOCK);
  if (seen.split("\n").some((line) => line !== "" && isAlive(line))) return false;
  const aside = `${LOCK}-${process.pid}`;
  try {
    renameSync(LOCK, aside);
  } catch {
    return true;
  }
  if (readOrEmpty(aside) !== seen) {
    // Someone took the lock between our look and our rename: give it back.
    try {
      linkSync(aside, LOCK);
    } catch {}
  }
  rmSync(aside, { force: true });
  return true;
}

/** A killed start leaves its file behind. */
function removeDead() {
  for (const name of readdirSync(TOOLS)) {
    if (!/^(lock-|set-up\.lock-)/.test(name)) continue;
    const file = path.join(TOOLS, name);
    if (
      !readOrEmpty(file)
        .split("\n")
        .some((line) => line !== "" && isAlive(line))
    )
      rmSync(file, { force: true });
  }
}

function readOrEmpty(file) {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return "";
  }
}

function makeTools() {
  try {
    mkdirSync(TOOLS, { recursive: true });
    const probe = path.join(TOOLS, `probe-${process.pid}`);
    writeFileSync(probe, "");
    rmSync(probe);
  } catch (error) {
    throw new SetUpError(
      `cannot write to ${TOOLS} (${error.code}): run this as the user who owns the checkout, or remove that folder`,
    );
  }
}
