import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { basename } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { type Asset, assetNameSchema } from "@inlet/contracts";
import { usageFailure } from "./failure.ts";
import { bytes, count } from "./figures.ts";
import { interruptible } from "./interrupt.ts";
import { openLiveArea } from "./live-area.ts";
import type { Session } from "./session.ts";
import { assetWords } from "./storyboard-text.ts";
import { wrapped } from "./table.ts";
import { cut, printable, type Terminal } from "./terminal.ts";

/** A file that is to be an asset. */
export interface AssetSource {
  path: string;
  /** What storyboards call it. */
  name: string;
  sizeBytes: number;
}

const READ_BYTES = 256 * 1024;
const ASKING_PAUSE_MS = 400;

/** A file as an asset, under its own name where it is given no other. @throws CliFailure where it cannot be one */
export async function assetSource(path: string, name = basename(path)): Promise<AssetSource> {
  const found = await stat(path);
  if (!found.isFile()) throw usageFailure(`${path} is no file; name files.`);
  if (!assetNameSchema.safeParse(name).success) {
    const words = "letters, digits, dots, hyphens and underscores, at most 100, beginning with a letter or digit";
    throw usageFailure(`“${name}” can be no asset's name, which is of ${words}. Give one with --name.`);
  }
  return { path, name, sizeBytes: found.size };
}

/** Whether an asset is of just this file, or became just this one: then there is nothing to be sent. */
export async function isUploaded({ path, name, sizeBytes }: AssetSource, assets: readonly Asset[]): Promise<boolean> {
  // What was sent last counts: of two under one name it is the one that is to take the other's place.
  const last = assets.filter((each) => each.name === name && each.state !== "refused").at(-1);
  if (last?.upload.sizeBytes !== sizeBytes && last?.file?.sizeBytes !== sizeBytes) return false;
  const hash = createHash("sha256");
  for await (const chunk of createReadStream(path, { highWaterMark: READ_BYTES })) hash.update(chunk);
  const sha256 = hash.digest("hex");
  // Made anew once more, what was fetched from the hub would only get worse.
  return last.upload.sha256 === sha256 || last.file?.sha256 === sha256;
}

/** Uploads files and waits until each is ready, or refused; says of each what became of it. */
export async function uploadAssets(
  { api, out }: Session,
  { client, project, sources }: { client: string; project: string; sources: readonly AssetSource[] },
): Promise<Asset[]> {
  const area = openLiveArea(out);
  const draw = (line: string) => area.draw([cut(line, out.columns - 1)]);
  const words = () => "Interrupted: what was sent whole is made ready all the same; `inlet assets list` shows it.";
  try {
    return await interruptible(words, async (signal) => {
      const sent: Asset[] = [];
      for (const { path, name, sizeBytes } of sources) {
        draw(`Sending ${name}, ${bytes(sizeBytes)}`);
        const body = createReadStream(path, { highWaterMark: READ_BYTES });
        sent.push(await api.with({ signal }).uploadAsset(client, project, { name, body, sizeBytes }));
      }
      const ended: Asset[] = [];
      for (const asset of sent) {
        let now = asset;
        while (now.state === "processing") {
          draw(`${count(sent.length - ended.length, "file")} being made ready: ${now.name}`);
          await pause(ASKING_PAUSE_MS, undefined, { signal });
          now = await api.with({ signal }).asset(client, project, now.id);
        }
        ended.push(now);
        area.print(endLines(now, out));
      }
      return ended;
    });
  } finally {
    area.clear();
  }
}

function endLines(asset: Asset, out: Terminal): string[] {
  const isReady = asset.state === "ready";
  const mark = isReady ? out.paint("green", "ready  ") : out.paint("red", "refused");
  const [first, ...rest] = wrapped(printable(`${asset.name}: ${assetWords(asset)}`), out.columns - 9);
  return [`${mark}  ${first}`, ...rest.map((line) => `         ${line}`)];
}
