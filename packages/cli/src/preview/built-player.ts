import { spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import { type PlayerFiles, playerFiles } from "@inlet/player/files";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";

const BUILD = fileURLToPath(new URL("../../build.ts", import.meta.resolve("@inlet/player/files")));

/** The player's files; in a checkout that was never started they are built first. @throws CliFailure when that fails */
export async function builtPlayer(): Promise<PlayerFiles> {
  return await playerFiles().catch(async (error: Error & { code?: string }) => {
    if (error.code !== "player_not_built") throw error;
    const child = spawn(process.execPath, [BUILD], { stdio: ["ignore", "ignore", "inherit"] });
    const code = await new Promise((resolve) => child.once("close", resolve).once("error", () => resolve(1)));
    if (code !== 0) throw new CliFailure(EXIT.internal, "player_not_built", error.message);
    return await playerFiles();
  });
}
