import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { readPieces, writePieces } from "./transfer.ts";

const MB = 1024 * 1024;
const PIECE = 32 * 1024;

/** A server's side of READ: short answers, as the protocol allows. */
function reader(content: Buffer) {
  let open = 0;
  const most = { open: 0 };
  const readPiece = async (buffer: Buffer, at: number, length: number, position: number) => {
    open += 1;
    most.open = Math.max(most.open, open);
    await new Promise((resolve) => setImmediate(resolve));
    open -= 1;
    return content.copy(buffer, at, position, position + Math.min(length, 20_000));
  };
  return { readPiece, most };
}

async function readAll(content: Buffer, sizeBytes = content.length) {
  const chunks: Buffer[] = [];
  const { readPiece, most } = reader(content);
  await readPieces(readPiece, { path: "/a", sizeBytes, take: (chunk) => void chunks.push(Buffer.from(chunk)) });
  return { bytes: Buffer.concat(chunks), most };
}

test.each([0, 1, PIECE, PIECE + 1, MB, MB + 1, 3 * MB + 12_345])("%i bytes are read as they are", async (size) => {
  const content = randomBytes(size);
  expect((await readAll(content)).bytes.equals(content)).toBe(true);
});

test("no more than two rounds are on the way at once", async () => {
  expect((await readAll(randomBytes(5 * MB))).most.open).toBeLessThanOrEqual(64);
});

test("a file that is shorter or longer than it was is refused", async () => {
  await expect(readAll(randomBytes(100), 99)).rejects.toMatchObject({ code: "remote_changed" });
  await expect(readAll(randomBytes(100), 101)).rejects.toMatchObject({ code: "remote_changed" });
  await expect(readAll(randomBytes(1), 0)).rejects.toMatchObject({ code: "remote_changed" });
});

test.each([0, 1, PIECE + 1, MB, 2 * MB + 7])("%i bytes are written as they are", async (size) => {
  const content = randomBytes(size);
  const written = Buffer.alloc(size);
  await writePieces(
    async (buffer, at, length, position) => {
      await new Promise((resolve) => setImmediate(resolve));
      expect(length).toBeLessThanOrEqual(PIECE);
      buffer.copy(written, position, at, at + length);
    },
    { sizeBytes: size, read: async (offset, length) => content.subarray(offset, offset + length) },
  );
  expect(written.equals(content)).toBe(true);
});

test("a source that ends early is not sent as if it were whole", async () => {
  const source = { sizeBytes: 10, read: async () => Buffer.alloc(9) };
  await expect(writePieces(async () => {}, source)).rejects.toMatchObject({ code: "source_short" });
});
