// Our side of the benchmark `pgp`, in a process of its own: decrypts and verifies what its parent names, as often as it asks.
import { createHash } from "node:crypto";
import { open, readFile } from "node:fs/promises";
import { unwrap } from "@inlet/envelope";

/** How one message went. */
export interface PgpTurn {
  ms: number;
  sizeBytes: number;
  sha256: string;
  signedBy: string | null;
  /** Of the process so far. */
  peakMemoryMb: number;
}

const [privateFile, publicFile] = process.argv.slice(2);
const privateKeys = [await readFile(privateFile!, "utf8")];
const publicKeys = [await readFile(publicFile!, "utf8")];

process.on("message", (path: string) => {
  turn(path).then(
    (result) => process.send!(result),
    (error: unknown) => {
      process.stderr.write(`${String(error)}\n`);
      process.exit(1);
    },
  );
});
process.send!("ready");

async function turn(path: string): Promise<PgpTurn> {
  const startedMs = performance.now();
  const handle = await open(path);
  try {
    const { size } = await handle.stat();
    const file = {
      sizeBytes: size,
      async read(offset: number, length: number) {
        const buffer = Buffer.allocUnsafe(Math.max(0, Math.min(length, size - offset)));
        return buffer.subarray(0, (await handle.read(buffer, 0, buffer.length, offset)).bytesRead);
      },
    };
    const pgp = { privateKeys, publicKeys, signature: "require" } as const;
    const message = await unwrap(file, { limits: { totalBytes: Number.MAX_SAFE_INTEGER }, pgp });
    if (message.kind !== "pgp") throw new Error(`it is ${message.kind}`);
    const hash = createHash("sha256");
    let sizeBytes = 0;
    for await (const chunk of message.open()) {
      hash.update(chunk);
      sizeBytes += chunk.length;
    }
    return {
      ms: performance.now() - startedMs,
      sizeBytes,
      sha256: hash.digest("hex"),
      signedBy: message.signedBy(),
      peakMemoryMb: Math.round(process.resourceUsage().maxRSS / 1024),
    };
  } finally {
    await handle.close();
  }
}
