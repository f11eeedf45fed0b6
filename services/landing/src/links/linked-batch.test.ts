import { type BatchStatus, batchStatusSchema } from "@inlet/contracts";
import { describe, expect, test } from "vitest";
import { isEndedLink, isReleased, type LinkedBatch } from "./linked-batch.ts";

const stored = { blobKey: "acme/1/canonical", sha256: "00" };

function buildBatch(overrides: Partial<LinkedBatch> = {}): LinkedBatch {
  return {
    batchId: 1,
    projectId: 1,
    status: "completed",
    imported: true,
    rehearsal: false,
    delivered: true,
    key: Buffer.alloc(32),
    expiresAt: undefined,
    files: { canonical: stored, index: stored, columns: ["name"] },
    page: { title: "Hi", text: "", fields: [], colour: "#2b4bff" },
    storyboard: undefined,
    ownAddress: undefined,
    sender: "Acme",
    revoked: false,
    revokedRecords: new Set(),
    ...overrides,
  };
}

describe("links open from the import on, and only for what ended well", () => {
  const open = new Set<BatchStatus>(["running", "completed", "partial", "failed"]);
  test.each(batchStatusSchema.options)("%s, delivered", (status) => {
    expect(isReleased(buildBatch({ status }))).toBe(open.has(status));
  });
  test.each(batchStatusSchema.options)("%s, not delivered", (status) => {
    expect(isReleased(buildBatch({ status, delivered: false }))).toBe(open.has(status) && status !== "failed");
  });
  test.each(batchStatusSchema.options)("%s, not imported", (status) => {
    expect(isReleased(buildBatch({ status, imported: false }))).toBe(false);
  });
  test("a profile without links, or a batch without its files, has none", () => {
    expect(isReleased(buildBatch({ page: undefined }))).toBe(false);
    expect(isReleased(buildBatch({ files: undefined }))).toBe(false);
  });
});

describe("a link ends", () => {
  const now = new Date("2026-11-20T12:00:00Z");
  test.each([
    ["not by itself", {}, false],
    ["with its batch's revocation", { revoked: true }, true],
    ["with its own revocation", { revokedRecords: new Set([7]) }, true],
    ["not with another's", { revokedRecords: new Set([8]) }, false],
    ["when its time is over", { expiresAt: now }, true],
    ["not before", { expiresAt: new Date(now.getTime() + 1) }, false],
  ])("%s", (_, overrides, ended) => {
    expect(isEndedLink(buildBatch(overrides), 7, now)).toBe(ended);
  });
});
