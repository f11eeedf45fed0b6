import { execFile } from "node:child_process";
import { mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { requireDebianTool } from "@inlet/stack";

const exec = promisify(execFile);

/** A folder in which the real archivers work. */
export interface Archivers {
  folder: string;
  /** Runs a program in the folder; gives back what it wrote. */
  run(tool: "zip" | "unzip" | "7z", args: readonly string[]): Promise<Buffer>;
  write(name: string, bytes: Uint8Array | string): Promise<void>;
  read(name: string): Promise<Buffer>;
  close(): Promise<void>;
}

export async function openArchivers(): Promise<Archivers> {
  const folder = await mkdtemp(join(tmpdir(), "archives-"));
  return {
    folder,
    async run(tool, args) {
      const { command, env } = await requireDebianTool(tool);
      const options = { cwd: folder, env, encoding: "buffer", maxBuffer: 1024 ** 3 } as const;
      return (await exec(command, [...args], options)).stdout;
    },
    write: (name, bytes) => writeFile(join(folder, name), bytes),
    read: (name) => readFile(join(folder, name)),
    close: () => rm(folder, { recursive: true, force: true }),
  };
}
