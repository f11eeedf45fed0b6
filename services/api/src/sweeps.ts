import type { Blobs } from "@inlet/blobs";
import type { Database } from "@inlet/database";
import type { Logger } from "@inlet/runtime";
import { openDraftStore } from "./drafts/draft-store.ts";
import { keepDraftsSwept } from "./drafts/draft-sweep.ts";
import { keepIdempotencySwept } from "./requests/idempotency.ts";
import { keepAssetsSwept } from "./storyboards/asset-sweep.ts";
import { keepUploadsSwept } from "./uploads/upload-sweep.ts";

interface SweptParts {
  database: Database;
  blobs: Blobs;
  dataFolder: string;
  logger: Logger;
}

/** Removes, now and again and again, what requests have left and nobody needs any more. */
export function keepSwept(parts: SweptParts): { close(): void } {
  const sweeps = [
    keepIdempotencySwept(parts),
    keepUploadsSwept(parts),
    keepDraftsSwept({ ...parts, store: openDraftStore(parts.dataFolder) }),
    keepAssetsSwept(parts),
  ];
  return {
    close() {
      for (const sweep of sweeps) sweep.close();
    },
  };
}
