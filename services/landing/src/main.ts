import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { noteWorker, openDatabase } from "@inlet/database";
import { drawableRow, openFonts } from "@inlet/drawing";
import { playerFiles } from "@inlet/player/files";
import { openRecipients } from "@inlet/purl";
import { keepPresence, main, openService } from "@inlet/runtime";
import { openAssetFiles } from "./asset-files.ts";
import { openDomains } from "./domains.ts";
import { env as readEnv } from "./env.ts";
import { openEventBook } from "./events/event-book.ts";
import { linkEvents } from "./events/link-events.ts";
import { createMissBudget } from "./limits/miss-budget.ts";
import { openHosts } from "./links/hosts.ts";
import { openLinkBook } from "./links/link-book.ts";
import { linkOpener } from "./links/open-link.ts";
import { openMetrics } from "./metrics.ts";
import { openRehearsalNotes } from "./rehearsal-notes.ts";
import { serveLanding } from "./server.ts";
import { posterAssets } from "./thumbnail/poster-assets.ts";
import { openThumbnails } from "./thumbnail/thumbnails.ts";
import { watchRenderings } from "./video/rendering-watch.ts";
import { openVideos } from "./video/videos.ts";

await main(async () => {
  const env = readEnv();
  const service = await openService("landing", env);
  const { logger } = service;
  let listening = false;
  service.health.addCheck("public port", async () => {
    if (!listening) throw new Error("not listening yet");
  });
  const metrics = openMetrics(service.health.metrics);
  const database = await service.use(
    openDatabase(env.DATABASE_URL, {
      applicationName: "inlet:landing",
      maxConnections: 6,
      onIdleError: (err) => logger.warn({ err }, "lost an idle database connection"),
    }),
  );
  await service.use(keepPresence((note) => noteWorker(database, note), { service: "landing", logger }));
  const eventBook = await service.use(openEventBook({ database, logger, onLost: metrics.lost }));
  const player = await playerFiles();
  const blobs = openBlobs(join(env.INLET_DATA, "blobs"));
  const recipients = await service.use(openRecipients(blobs));
  const book = await service.use(
    openLinkBook({ database, keyEncryptionKey: env.INLET_KEY, logger, maxAgeMs: env.LINKS_MAX_AGE_MS }),
  );
  const hosts = openHosts(env.LANDING_URL, env.LANDING_HOSTS);
  const budget = createMissBudget();
  const openLink = linkOpener({ book, recipients, budget, hosts });
  const assetFiles = openAssetFiles(database, budget);
  const fonts = await openFonts(env.LANDING_FONTS);
  const thumbnailOf = openThumbnails({
    fonts,
    readAsset: posterAssets({ assetFiles, blobs }),
    cacheBytes: env.THUMBNAIL_CACHE_MB * 1024 * 1024,
    onDrawn: metrics.drawn,
    onUnreadable: (err) => logger.warn({ err }, "drew a picture without a file that belongs on it"),
  });
  const watch = watchRenderings({ database, logger, waitMs: env.VIDEO_WAIT_MS });
  const room = { ofBatch: env.VIDEO_QUEUE_PER_BATCH, inAll: env.VIDEO_QUEUE };
  service.health.addCheck("database", () => book.assertInformed());
  const isOurs = openDomains(database, { landingUrl: env.LANDING_URL, further: env.LANDING_HOSTS });
  service.health.addQuestion("/domains", async (query) => ((await isOurs(query.get("domain") ?? "")) ? 200 : 404));
  await service.use(
    serveLanding({
      openLink,
      thumbnailOf,
      events: linkEvents(eventBook),
      assetFiles,
      blobs,
      player,
      videos: openVideos({ database, blobs, watch, room, logger }),
      drawable: (row) => drawableRow(row, fonts),
      rehearsed: openRehearsalNotes(database, logger),
      landingUrl: env.LANDING_URL,
      host: env.HOST,
      port: env.LANDING_PORT,
      trustProxy: env.TRUST_PROXY,
      metrics,
      logger,
    }),
  );
  // Closed before the server, which ends when all are answered.
  await service.use(watch);
  listening = true;
  logger.info({ port: env.LANDING_PORT, healthPort: service.health.port }, "landing is ready");
});
