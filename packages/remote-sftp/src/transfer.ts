import { InvariantBroken, Unavailable } from "@inlet/contracts";

/** What is sent: any part of it can be read. */
export interface RemoteSource {
  readonly sizeBytes: number;
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** What every server takes in one packet (draft-ietf-secsh-filexfer-02, 3: 34,000 bytes in all). */
const PIECE_BYTES = 32 * 1024;
/** Two of these are on the way at once: one that is transferred, one that is being written or read here. */
const ROUND_BYTES = 1024 * 1024;

type ReadPiece = (buffer: Buffer, at: number, length: number, position: number) => Promise<number>;
type WritePiece = (buffer: Buffer, at: number, length: number, position: number) => Promise<void>;

/** Reads a file in rounds of many requests each, and hands the rounds on in order. */
export async function readPieces(
  readPiece: ReadPiece,
  { path, sizeBytes, take }: { path: string; sizeBytes: number; take: (chunk: Buffer) => Promise<void> | void },
): Promise<void> {
  const buffers = [0, 1].map(() => Buffer.allocUnsafe(Math.max(1, Math.min(ROUND_BYTES, sizeBytes))));
  const fill = async (position: number, buffer: Buffer) => {
    const length = Math.min(buffer.length, sizeBytes - position);
    await Promise.all(pieces(length).map(({ at, size }) => fully(readPiece, buffer, at, size, position + at, path)));
    return buffer.subarray(0, length);
  };
  let turn = 0;
  let round = sizeBytes > 0 ? fill(0, buffers[0]!) : undefined;
  for (let position = 0; round; position += ROUND_BYTES) {
    const chunk = await round;
    const next = position + ROUND_BYTES;
    turn = 1 - turn;
    round = next < sizeBytes ? fill(next, buffers[turn]!) : undefined;
    // Its failure is met at the top of the loop, or not at all when `take` fails first.
    round?.catch(() => {});
    await take(chunk);
  }
  if ((await readPiece(Buffer.alloc(1), 0, 1, sizeBytes)) > 0) throw changed(path);
}

async function fully(
  readPiece: ReadPiece,
  buffer: Buffer,
  at: number,
  size: number,
  position: number,
  path: string,
): Promise<void> {
  for (let done = 0; done < size; ) {
    const bytes = await readPiece(buffer, at + done, size - done, position + done);
    if (bytes === 0) throw changed(path);
    done += bytes;
  }
}

const changed = (path: string) =>
  new Unavailable({
    code: "remote_changed",
    message: `${path} has another size than a moment ago; it is still being written.`,
  });

/** Writes a source in rounds of many requests each; while one is on its way the next is read. */
export async function writePieces(writePiece: WritePiece, source: RemoteSource): Promise<void> {
  let underWay: Promise<unknown> = Promise.resolve();
  for (let position = 0; position < source.sizeBytes; position += ROUND_BYTES) {
    const length = Math.min(ROUND_BYTES, source.sizeBytes - position);
    const bytes = await source.read(position, length);
    if (bytes.length !== length) {
      throw new InvariantBroken({
        code: "source_short",
        message: `The file to send ends before its ${source.sizeBytes} bytes.`,
      });
    }
    await underWay;
    const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    underWay = Promise.all(pieces(buffer.length).map(({ at, size }) => writePiece(buffer, at, size, position + at)));
    underWay.catch(() => {});
  }
  await underWay;
}

function pieces(length: number): { at: number; size: number }[] {
  return Array.from({ length: Math.ceil(length / PIECE_BYTES) }, (_, n) => ({
    at: n * PIECE_BYTES,
    size: Math.min(PIECE_BYTES, length - n * PIECE_BYTES),
  }));
}
