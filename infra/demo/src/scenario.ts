import { existsSync, statSync } from "node:fs";
import path from "node:path";
import type { Hub } from "./hub.ts";
import { profileFor } from "./own-profile.ts";
import { readProfile, readStoryboard, sampleFile } from "./samples.ts";
import { prepareShipment, type Shipment } from "./shipment.ts";

/** Files that are sent together, and why. A wave begins when the one before it has been reported. */
export interface Wave {
  words: string;
  shipments: Shipment[];
}

/**
 * The two clients of this folder: a campaign whose files come back with links, and a retailer of whose two tables one is
 * refused, and then sent again, corrected, under its name.
 */
export async function sampleWaves(hub: Hub, now: Date): Promise<Wave[]> {
  const [campaign, retail] = [await readProfile("campaign"), await readProfile("retail")];
  await hub.applyProfile(campaign);
  await hub.publishStoryboard(campaign, await readStoryboard("campaign"));
  await hub.applyProfile(retail);
  const [meadow, harbour] = [await hub.openAccount(campaign.client), await hub.openAccount(retail.client)];
  const day = await freeDay(hub, retail, now);
  const stamp = now.toISOString().slice(0, 19).replace("T", "_").replaceAll(/[-:]/g, "");
  const toCampaign = (sample: string, name: string) =>
    prepareShipment({ profile: campaign, login: meadow, from: sampleFile(sample), name });
  const toRetail = (sample: string, table: string) =>
    prepareShipment({ profile: retail, login: harbour, from: sampleFile(sample), name: `${table}-${day}.tsv` });
  return [
    {
      words: "Two clients send their files by SFTP",
      shipments: [
        await toCampaign("customers.csv", `${campaign.client}_${campaign.project}_${stamp}_01.csv`),
        await toCampaign("customers-late.zip", `${campaign.client}_${campaign.project}_${stamp}_02.zip`),
        await toRetail("store.tsv", "store"),
        await toRetail("daily_sales-with-faults.tsv", "daily_sales"),
      ],
    },
    {
      words: "The retailer sends the refused file again, corrected, under the same name",
      shipments: [await toRetail("daily_sales.tsv", "daily_sales")],
    },
  ];
}

/** The latest day, today or before, of which the hub has no file yet: the demo may be run again and again. */
async function freeDay(hub: Hub, { client, project }: { client: string; project: string }, now: Date): Promise<string> {
  const day = new Date(now);
  for (;;) {
    const text = day.toISOString().slice(0, 10);
    if ((await hub.listBatches({ client, project, text })).length === 0) return text;
    day.setUTCDate(day.getUTCDate() - 1);
  }
}

/**
 * A file of the user's own, through a campaign project made for its header.
 * @throws {Error} in a sentence, when it cannot be read
 */
export async function ownWave(hub: Hub, file: string): Promise<Wave[]> {
  const profile = await profileFor(file);
  await hub.applyProfile(profile);
  const login = await hub.openAccount(profile.client);
  const shipment = await prepareShipment({ profile, login, from: file, name: path.basename(file) });
  return [{ words: `Your file goes by SFTP into ${profile.folders?.uploads}`, shipments: [shipment] }];
}

/**
 * Where the user's file is: relative to where npm was called.
 * @throws {Error} in a sentence, when there is none
 */
export function ownFile(given: string): string {
  const file = path.resolve(process.env.INIT_CWD ?? process.cwd(), given);
  if (!existsSync(file)) throw new Error(`there is no file ${file}`);
  if (!statSync(file).isFile()) throw new Error(`${file} is no file`);
  return file;
}
