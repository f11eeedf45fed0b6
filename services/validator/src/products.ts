import type { Blobs, BlobWriter } from "@inlet/blobs";
import type { ArtifactKind } from "@inlet/contracts";
import type { Artifact } from "@inlet/database";

/** What the check writes. */
export type ProductKind = Extract<ArtifactKind, "canonical" | "index" | "rejected" | "errors">;

/** The files that a check makes of a batch. A file that nothing is written to is never made. */
export interface Products {
  sink(kind: ProductKind): (chunk: Buffer) => Promise<void>;
  /** Makes the wanted files durable, and throws the others away. */
  finish(wanted: readonly ProductKind[], nameOf: (kind: ProductKind) => string): Promise<Artifact[]>;
  abort(): Promise<void>;
}

/** Opens the products of one batch, each in the blob store under its kind. */
export function openProducts(blobs: Blobs, { client, batchId }: { client: string; batchId: number }): Products {
  const writers = new Map<ProductKind, Promise<BlobWriter>>();
  const writerOf = (kind: ProductKind) => {
    const writer = writers.get(kind) ?? blobs.create(`${client}/${batchId}/${kind}`);
    writers.set(kind, writer);
    return writer;
  };
  return {
    sink: (kind) => async (chunk) => {
      await (await writerOf(kind)).write(chunk);
    },
    async finish(wanted, nameOf) {
      const kept = [...writers].filter(([kind]) => wanted.includes(kind));
      const artifacts = await Promise.all(
        kept.map(async ([kind, writer]) => {
          const { key: blobKey, sizeBytes, sha256 } = await (await writer).finish();
          return { kind, blobKey, sizeBytes, sha256, name: nameOf(kind) };
        }),
      );
      await this.abort();
      return artifacts;
    },
    async abort() {
      await Promise.all([...writers.values()].map(async (writer) => await (await writer).abort()));
    },
  };
}
