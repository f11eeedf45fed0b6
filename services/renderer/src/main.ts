import { noteWorker, openDatabase } from "@inlet/database";
import { keepPresence, main, openService, readEnv } from "@inlet/runtime";
import { rendererEnvSchema } from "./env.ts";
import { findFfmpeg } from "./ffmpeg/find-ffmpeg.ts";
import { whenThere } from "./when-there.ts";
import { beginRendering } from "./worker.ts";

await main(async () => {
  const env = readEnv(rendererEnvSchema);
  const { logger, health, use } = await openService("renderer", env);
  const database = await use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:renderer",
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await use(keepPresence((note) => noteWorker(database, note), { service: "renderer", logger }));
  health.addCheck("database", async () => {
    await database.pool.query("SELECT 1");
  });
  await use(
    whenThere({
      name: "ffmpeg",
      find: () => findFfmpeg({ path: env.FFMPEG_PATH, libraries: env.FFMPEG_LIBRARIES }),
      begin: (ffmpeg) => beginRendering(ffmpeg, { database, env, logger, health }),
      health,
      logger,
    }),
  );
  logger.info("ready");
});
