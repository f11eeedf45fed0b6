import type { BlobReader, Blobs } from "@inlet/blobs";
import { type ArtifactKind, InvariantBroken, Misconfigured, type Table } from "@inlet/contracts";
import type { Artifact, ClaimedStep, Database } from "@inlet/database";
import { type ByteSource, type ScanPlan, withColumns } from "@inlet/delimited";
import type { WrapAs } from "@inlet/envelope";
import { advance, openStoryboards, readWrapping, type Stage, type StepWork, storeWrapped } from "@inlet/pipeline";
import { createTokenWriter, linkAddress } from "@inlet/purl";
import { failpoint } from "@inlet/runtime";
import { type LinkColumns, linkColumns } from "./link-columns.ts";
import { openLinkKeys } from "./link-key.ts";
import { type NamedBatch, resultName, wrappedResultName } from "./result-name.ts";
import { openWithheld, type Withheld } from "./withheld.ts";

interface Deps {
  blobs: Blobs;
  database: Database;
  keyEncryptionKey: Buffer;
  /** Without a trailing slash. */
  landingUrl: string;
}

const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * The stage `personalise`: the client's own bytes with each record's links added, as the batch's result file. Nothing in it
 * is drawn by chance but the link key, which is pinned before the first byte: a retry writes the same file again. Where the
 * result goes out wrapped, it is wrapped here: a key that is missing stops the batch before its import.
 */
export function personaliseBatch({ blobs, database, keyEncryptionKey, landingUrl }: Deps): Stage {
  const pinnedLinkKey = openLinkKeys(database, keyEncryptionKey);
  const storyboards = openStoryboards(database);

  /** What the storyboard that the check went by requires of a row that gets a link. */
  async function requirementsOf(step: ClaimedStep, { columns }: Table): Promise<Withheld | undefined> {
    if (step.storyboardVersion === null) return undefined;
    const { document: storyboard } = await storyboards(step.projectId, step.storyboardVersion);
    if (storyboard.requirements.length === 0) return undefined;
    return openWithheld(await openArtifact(blobs, step, "canonical"), {
      columns: columns.map(({ name }) => name),
      storyboard,
    });
  }

  return async ({ step, profile, table, signal, giveWay }) => {
    const { links } = profile;
    if (links === undefined) {
      throw new Misconfigured({
        code: "links_missing",
        message: `Project ${step.project} has no links in its profile.`,
      });
    }
    const as = await readWrapping(database, keyEncryptionKey, { step, profile });
    const { id: linkKeyId, key } = await pinnedLinkKey(step);
    failpoint("personalise.pinned");
    const requirements = await requirementsOf(step, table);
    const columns = linkColumns(
      createTokenWriter(key, step.batchId),
      linkAddress(links.address, landingUrl),
      requirements,
    );
    const stored = await writeResult(blobs, step, columns, { signal, giveWay }).finally(() => requirements?.close());
    const { withheld } = columns;
    assertCounts(step, columns.linked, withheld);
    const named = namedBatch(step, table.name);
    const artifact = { ...stored, kind: "result" as const, name: resultName(named, links) };
    const wrap = async (as: WrapAs) =>
      storeWrapped(blobs, { step, artifact, as, name: wrappedResultName(named, links, as), signal, giveWay });
    return advance({
      counts: { links: columns.linked, withheld },
      artifacts: as === null ? [artifact] : [artifact, await wrap(as)],
      linkKeyId,
      linksExpireAt: new Date(step.receivedAt.getTime() + links.expiresAfterDays * DAY_MS),
    });
  };
}

async function writeResult(
  blobs: Blobs,
  step: ClaimedStep,
  columns: LinkColumns,
  { signal, giveWay }: Pick<StepWork, "signal" | "giveWay">,
): Promise<Omit<Artifact, "kind" | "name">> {
  const plain = await openArtifact(blobs, step, "plain");
  const rejected = step.artifacts.rejected && (await openArtifact(blobs, step, "rejected"));
  const writer = await blobs.create(`${step.client}/${step.batchId}/result`);
  try {
    const chunks = withColumns({
      source: sourceOf(plain),
      plan: scanPlanOf(step),
      rejected: rejected ? sourceOf(rejected).open() : [],
      added: columns,
      signal,
    });
    // Each chunk is made while the one before it is on its way to the disk.
    let written = Promise.resolve();
    for await (const chunk of chunks) {
      signal.throwIfAborted();
      await written;
      written = writer.write(chunk);
      // Awaited above or below, or aborted with the writer.
      written.catch(() => {});
      if (columns.linked > 0) failpoint("personalise.mid-result");
      await giveWay();
    }
    await written;
    const { key: blobKey, sizeBytes, sha256 } = await writer.finish();
    return { blobKey, sizeBytes, sha256 };
  } finally {
    await writer.abort();
    await Promise.all([plain.close(), rejected?.close()]);
  }
}

async function openArtifact(blobs: Blobs, step: ClaimedStep, kind: ArtifactKind): Promise<BlobReader> {
  const artifact = step.artifacts[kind];
  if (artifact === undefined) {
    throw new InvariantBroken({ code: "artifact_missing", message: `Batch ${step.batchId} has no ${kind} file.` });
  }
  return await blobs.open(artifact.blobKey);
}

const READ_BYTES = 256 * 1024;

/** A stored file as the delimited engine reads it. */
function sourceOf(reader: BlobReader): ByteSource {
  return { open: (offset = 0) => reader.lentChunks({ start: offset, chunkBytes: READ_BYTES }) };
}

/** A correction's result is called after the file that it corrects. */
function namedBatch(step: ClaimedStep, table: string): NamedBatch {
  const correction = step.results.validate?.correction as { fileName: string } | undefined;
  return {
    fileName: correction?.fileName ?? step.fileName,
    plainName: step.artifacts.plain?.name ?? step.fileName,
    ...{ client: step.client, project: step.project, table, batchId: step.batchId, receivedAt: step.receivedAt },
  };
}

/** How the check read the file: only so are its record numbers met again. */
function scanPlanOf({ batchId, results }: ClaimedStep): ScanPlan {
  const scan = results.validate?.scan;
  if (scan === undefined) {
    throw new InvariantBroken({ code: "scan_missing", message: `Batch ${batchId} has no result of its check.` });
  }
  return scan as ScanPlan;
}

/** Promise: links = valid − withheld; else the file is not handed out. */
function assertCounts({ valid }: ClaimedStep, links: number, withheld: number): void {
  if (valid !== null && links === valid - withheld) return;
  throw new InvariantBroken({
    code: "counts_differ",
    message: `The counts do not agree: ${valid} records were valid and ${withheld} withheld, but ${links} got a link. No result file was made, and nothing was imported.`,
    context: { valid, withheld, links },
  });
}
