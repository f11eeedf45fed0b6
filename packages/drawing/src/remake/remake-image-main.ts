// Makes the image on its standard input anew: a line of JSON on its standard output, and behind it the image.
import { writeSync } from "node:fs";
import { buffer } from "node:stream/consumers";
import { InvalidInput } from "@inlet/contracts";
import { remake } from "./remaking.ts";

/** Who started it kills it before; nobody does who has died. */
setTimeout(() => process.kill(process.pid, "SIGKILL"), 60_000).unref();

try {
  const { bytes, ...size } = await remake(await buffer(process.stdin));
  write(Buffer.concat([Buffer.from(`${JSON.stringify(size)}\n`), bytes]));
} catch (error) {
  if (!(error instanceof InvalidInput)) throw error;
  write(Buffer.from(`${JSON.stringify({ error: { code: error.code, message: error.message } })}\n`));
}

/** All of it: a pipe may take less at once. */
function write(bytes: Buffer): void {
  for (let at = 0; at < bytes.length; ) at += writeSync(1, bytes, at);
}
