import { randomBytes } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openBlobs } from "@inlet/blobs";
import { generatePgpKey } from "@inlet/envelope";
import { afterAll, beforeAll, expect, test } from "vitest";
import { storeWrapped } from "./wrap-artifact.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-wrap-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
});

test("a giant that is wrapped gives way after each half megabyte, however small the pieces of its wrapping are", async () => {
  const blobs = openBlobs(folder);
  const { key: blobKey, ...stored } = await blobs.put("acme/1/result", randomBytes(4 * 1024 * 1024));
  const { publicKey } = await generatePgpKey({ userId: { name: "a", email: "a@example.com" }, expiresInDays: 1 });
  const step = { batchId: 1, epoch: 1, clientId: 1, client: "acme", projectId: 1, project: "spring" };
  let timesGivenWay = 0;
  const { sizeBytes } = await storeWrapped(blobs, {
    step: { ...step, source: "gateway", receivedAt: new Date() },
    artifact: { ...stored, blobKey, kind: "result", name: "a.csv" },
    as: { as: "pgp", recipients: [publicKey], signWith: undefined, armor: false },
    signal: new AbortController().signal,
    giveWay() {
      timesGivenWay += 1;
      return undefined;
    },
  });
  expect(sizeBytes).toBeGreaterThan(4 * 1024 * 1024);
  expect(timesGivenWay).toBeGreaterThanOrEqual(6);
  expect(timesGivenWay).toBeLessThanOrEqual(8);
});
