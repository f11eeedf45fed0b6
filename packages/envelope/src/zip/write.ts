import { Misconfigured } from "@inlet/contracts";
import { configure, ZipWriter } from "@zip.js/zip.js";

configure({ useWebWorkers: false, chunkSize: 256 * 1024 });

/** In a ZIP. */
export interface AsZip {
  as: "zip";
  /** Without one the ZIP is open to everybody, and `encryption` means nothing. */
  password?: string;
  /** ZipCrypto is weak, and all that Windows' Explorer and Info-ZIP's unzip can open. */
  encryption: "aes256" | "zipcrypto";
}

export interface WrapInZipOptions {
  name: string;
  sizeBytes: number;
  modifiedAt: Date;
  as: AsZip;
}

/** Beyond this ZIP64 is written: 4 GiB less what deflate may add to data that it cannot pack (5 bytes per 16 KB). */
const ZIP64_FROM_BYTES = 0xffff_ffff - 4 * 1024 * 1024;

/** A ZIP of one file, streamed. Open, it comes out the same each time; with a password it cannot: the salt is random. */
export async function* wrapInZip(
  source: AsyncIterable<Uint8Array>,
  { name, sizeBytes, modifiedAt, as: { password, encryption } }: WrapInZipOptions,
): AsyncGenerator<Uint8Array, void> {
  // The library takes it for none, and protects nothing.
  if (password === "") {
    throw new Misconfigured({
      code: "zip_password_empty",
      message: "The password to protect the ZIP with is empty; store another one.",
    });
  }
  const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
  const stop = new AbortController();
  const zip = new ZipWriter(writable, { level: 6, extendedTimestamp: true });
  const write = async () => {
    await zip.add(name, { readable: ReadableStream.from(source), size: sizeBytes } as never, {
      zip64: sizeBytes > ZIP64_FROM_BYTES,
      lastModDate: modifiedAt,
      rawLastModDate: dosTime(modifiedAt),
      signal: stop.signal,
      ...(password !== undefined && {
        password,
        zipCrypto: encryption === "zipcrypto",
        encryptionStrength: 3 as const,
      }),
    });
    await zip.close();
  };
  let failure: { error: unknown } | undefined;
  const written = write().catch(async (error: unknown) => {
    failure = { error };
    await writable.abort(error).catch(() => {});
  });
  try {
    yield* readable;
    await written;
    if (failure !== undefined) throw failure.error;
  } finally {
    stop.abort();
  }
}

/** MS-DOS date and time, two-second steps from 1980 on, in UTC so that it does not depend on where it is made. */
function dosTime(at: Date): number {
  const date = ((Math.max(1980, at.getUTCFullYear()) - 1980) << 9) | ((at.getUTCMonth() + 1) << 5) | at.getUTCDate();
  const time = (at.getUTCHours() << 11) | (at.getUTCMinutes() << 5) | (at.getUTCSeconds() >> 1);
  return ((date << 16) | time) >>> 0;
}
