import { type PlayerFiles, playerFiles } from "@inlet/player/files";
import { EXIT } from "../exit-codes.ts";
import { CliFailure } from "../failure.ts";

/**
 * The player's files. In a checkout they are built first where its sources are other ones than what was built.
 * @param say is told of that, and of a build that failed while there is an older one to go on with
 * @throws CliFailure when there is none
 */
export async function builtPlayer(say: (line: string) => void): Promise<PlayerFiles> {
  const failure = await buildInCheckout(say).catch((error: Error) => error);
  return await playerFiles().then(
    (files) => {
      if (failure !== undefined) say(`${failure.message}\nThe preview goes on with the player that was built before.`);
      return files;
    },
    (error: Error) => {
      throw new CliFailure(EXIT.internal, "player_not_built", (failure ?? error).message);
    },
  );
}

async function buildInCheckout(say: (line: string) => void): Promise<undefined> {
  // What builds is beside us in a checkout alone; elsewhere the player comes built.
  const { buildPlayer } = await import("@inlet/stack/browser-build").catch((error: NodeJS.ErrnoException) => {
    if (error.code !== "ERR_MODULE_NOT_FOUND") throw error;
    return { buildPlayer: undefined };
  });
  await buildPlayer?.(() => say("Building the player …"));
}
