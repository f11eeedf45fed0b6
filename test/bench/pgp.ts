import { type ChildProcess, fork } from "node:child_process";
import { once } from "node:events";
import { mkdtemp, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openGnuPg } from "../interop/gnupg.ts";
import { type BenchOptions, type BenchResult, inTurn, median } from "./measure.ts";
import type { PgpTurn } from "./pgp-main.ts";
import { writeSampleFile } from "./sample-file.ts";

const MAIN = join(import.meta.dirname, "pgp-main.ts");
/** 100 MB. */
const RECORDS = 1_055_000;

/** How gpg makes the message: as it does unless told, and without compression, where nothing but ciphers and hashes is left. */
const KINDS = { packed: [], "not packed": ["-z", "0"], armoured: ["--armor"] } as const;

/**
 * A CSV file of 100 MB, signed and encrypted by gpg (RSA 3072), decrypted and verified: ours into a SHA-256, as the validator
 * does it on the way to its quarantine, against `gpg --decrypt --output /dev/null`, in turn. Ours runs in a process that is
 * there already, as a worker is; starting gpg takes some ten milliseconds. `ratio` is that of the message as gpg makes it.
 */
export async function measurePgp({ pairs, say, records = RECORDS }: BenchOptions): Promise<BenchResult> {
  const folder = await mkdtemp(join(tmpdir(), "pgp-"));
  const gpg = await openGnuPg();
  let child: ChildProcess | undefined;
  try {
    say(`writing ${records.toLocaleString("en")} records`);
    const csv = join(folder, "sample.csv");
    const { sizeBytes, sha256 } = await writeSampleFile(csv, records);
    const client = await gpg.makeKey({ name: "client", algorithm: "rsa3072" });
    const us = await gpg.makeKey({ name: "us", algorithm: "rsa3072" });
    const keyFiles = [join(folder, "us.asc"), join(folder, "client.asc")] as const;
    await writeFile(keyFiles[0], us.privateKey, { mode: 0o600 });
    await writeFile(keyFiles[1], client.publicKey);
    child = fork(MAIN, keyFiles, { stdio: ["ignore", "inherit", "inherit", "ipc"] });
    await answer(child);

    const kinds: Record<string, KindResult> = {};
    for (const [kind, args] of Object.entries(KINDS)) {
      const message = join(folder, `${kind}.gpg`);
      const keys = ["--local-user", client.fingerprint, "--sign", "--recipient", us.fingerprint, "--encrypt"];
      await gpg.run([...args, ...keys, "--output", message, csv]);
      const ours = async () => {
        const turn = await ask(child!, message);
        if (turn.sha256 !== sha256.toString("hex")) throw new Error("ours came out different");
        if (turn.signedBy !== client.fingerprint) throw new Error("ours did not verify the signature");
        kinds[kind] = { ...kinds[kind]!, peakMemoryMb: turn.peakMemoryMb };
        return turn.ms;
      };
      const peer = async () => {
        const startedMs = performance.now();
        const { status } = await gpg.run(["--decrypt", "--output", "/dev/null", message]);
        const ms = performance.now() - startedMs;
        if (!status.includes(`VALIDSIG ${client.fingerprint}`)) throw new Error("gpg did not verify the signature");
        return ms;
      };
      await ours();
      await peer();
      const times = await inTurn(pairs, { ours, peer }, (line) => say(`${kind}: ${line}`));
      kinds[kind] = {
        ...kinds[kind]!,
        ratio: median(times.ours) / median(times.peer),
        oursMs: median(times.ours),
        peerMs: median(times.peer),
        messageBytes: (await stat(message)).size,
        times,
      };
    }
    const { packed, ...others } = kinds;
    return {
      name: "pgp",
      ratio: packed!.ratio,
      ours: { medianMs: packed!.oursMs, peakMemoryMb: packed!.peakMemoryMb },
      peer: { name: "gpg --decrypt", medianMs: packed!.peerMs },
      pairs,
      details: { records, sizeBytes, packed, ...others },
    };
  } finally {
    child?.disconnect();
    await gpg.close();
    await rm(folder, { recursive: true, force: true });
  }
}

interface KindResult {
  ratio: number;
  oursMs: number;
  peerMs: number;
  messageBytes: number;
  /** Of our process until then. */
  peakMemoryMb: number;
  times: { ours: number[]; peer: number[] };
}

async function ask(child: ChildProcess, path: string): Promise<PgpTurn> {
  child.send(path);
  return (await answer(child)) as PgpTurn;
}

async function answer(child: ChildProcess): Promise<unknown> {
  const stop = new AbortController();
  const { signal } = stop;
  const gone = once(child, "exit", { signal }).then(([code, by]) => Promise.reject(new Error(`ended: ${by ?? code}`)));
  gone.catch(() => {});
  try {
    const [message] = (await Promise.race([once(child, "message", { signal }), gone])) as [unknown];
    return message;
  } finally {
    stop.abort();
  }
}
