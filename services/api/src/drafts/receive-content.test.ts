import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { appendContent } from "./receive-content.ts";

let folder: string;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet-receive-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function* bodyOf(...chunks: string[]) {
  for (const chunk of chunks) yield Buffer.from(chunk);
}

test.each([
  ["breaks off", () => Promise.reject(new Error("reset"))],
  ["is longer than was announced", async () => Buffer.from("more than 8 bytes")],
])("a writer that was replaced harms nothing of its successor's when its body %s", async (_, rest) => {
  const path = join(folder, "draft", "source");
  const common = { path, sizeBytes: 8, folders: [folder], note: async () => true };
  await appendContent(bodyOf("abcd"), { ...common, offset: 0 });
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  async function* silent() {
    begun.resolve();
    await gate.promise;
    yield await rest();
  }
  const first = appendContent(silent(), { ...common, offset: 4 });
  await begun.promise;
  expect(await appendContent(bodyOf("ef", "gh"), { ...common, offset: 4 })).toEqual({
    receivedBytes: 8,
    failure: null,
  });
  gate.resolve();
  expect(await first).toMatchObject({ receivedBytes: 4, failure: { message: expect.any(String) } });
  expect(await readFile(path, "utf8")).toBe("abcdefgh");
});
