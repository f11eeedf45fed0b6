import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { playerFiles } from "@inlet/player/files";
import { keepPresence, main, openService } from "@inlet/runtime";
import { openAssetFiles } from "./asset-files.ts";
import { env as readEnv } from "./env.ts";
import { openEventBook } from "./events/event-book.ts";
import { linkEvents } from "./events/link-events.ts";
import { createMissBudget } from "./limits/miss-budget.ts";
import { openLinks } from "./links/open-links.ts";
import { openMetrics } from "./metrics.ts";
import { openRehearsalNotes } from "./rehearsal-notes.ts";
import { serveLanding } from "./server.ts";
import { openPictures } from "./thumbnail/open-pictures.ts";
import { watchRenderings } from "./video/rendering-watch.ts";
import { openVideos } from "./video/videos.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("landing", env);
  const { logger, health } = service;
  const metrics = openMetrics(health.metrics);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:landing",
      maxConnections: 6,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(keepPresence((note) => noteWorker(database, note), { service: "landing", logger }));
  const events = linkEvents(await service.use(openEventBook({ database, logger, onLost: metrics.lost })));
  const player = await playerFiles();
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const budget = createMissBudget();
  const openLink = await openLinks(service, env, { database, blobs, budget });
  const assetFiles = openAssetFiles(database, budget);
  const pictures = await openPictures(env, { assetFiles, blobs, metrics, logger });
  const watch = watchRenderings({ database, logger, waitMs: env.VIDEO_WAIT_MS });
  const room = { ofBatch: env.VIDEO_QUEUE_PER_BATCH, inAll: env.VIDEO_QUEUE };
  const videos = openVideos({ database, blobs, watch, room, logger });
  const rehearsed = openRehearsalNotes(database, logger);
  const parts = { openLink, ...pictures, events, assetFiles, blobs, player, videos, rehearsed, metrics, logger };
  await service.use(serveLanding(parts, env));
  // Closed before the server, which ends when all are answered.
  await service.use(watch);
  logger.info({ port: env.LANDING_PORT, healthPort: health.port }, "landing is ready");
});
