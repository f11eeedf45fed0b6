import { copyFile, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { storyboardSchema } from "@inlet/contracts";
import { storyboardColumns } from "@inlet/storyboard";
import { type ReadyStoryboard, readyStoryboards } from "@inlet/storyboard/ready";
import { readyAssets } from "@inlet/storyboard/ready-assets";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { count } from "../figures.ts";
import type { GlobalOptions } from "../session.ts";
import { type Column, renderTable } from "../table.ts";
import { terminalOn } from "../terminal.ts";

interface ReadyOptions extends GlobalOptions {
  into?: string;
}

/** Lists the storyboards that ship with Inlet, or writes one into a folder with its files. It needs no hub. */
export async function readyStoryboard(name: string | undefined, options: ReadyOptions): Promise<void> {
  if (name === undefined) {
    if (options.into !== undefined) throw usageFailure(`Say which one: ${names()}.`);
    listReady(options);
    return;
  }
  const ready = readyStoryboards.find((each) => each.name === name);
  if (ready === undefined) {
    const message = `There is no ready storyboard ${name}. There are: ${names()}.`;
    throw new CliFailure(EXIT.notFound, "ready_storyboard_not_found", message);
  }
  await writeReady(ready, options.into ?? name, options);
}

const names = () => readyStoryboards.map(({ name }) => name).join(", ");
const columnsOf = ({ document }: ReadyStoryboard) => storyboardColumns(storyboardSchema.parse(document));

function listReady({ json }: ReadyOptions): void {
  const out = terminalOn(process.stdout);
  if (json) {
    const storyboards = readyStoryboards.map((each) => ({
      ...{ name: each.name, title: each.title, description: each.description },
      columns: columnsOf(each),
    }));
    out.line(JSON.stringify({ storyboards }));
    return;
  }
  const columns: Column<ReadyStoryboard>[] = [
    { title: "NAME", text: ({ name }) => name, paint: (_, cell) => out.paint("bold", cell) },
    { title: "WHAT IT IS FOR", text: ({ description }) => description, flexible: true, wrap: true },
  ];
  for (const line of renderTable(readyStoryboards, columns, out)) out.line(line);
  out.line();
  out.line("`inlet storyboard ready NAME --into FOLDER` writes one, with its files.");
}

async function writeReady(ready: ReadyStoryboard, folder: string, { json }: ReadyOptions): Promise<void> {
  const made = await mkdir(folder, { recursive: true });
  const file = join(folder, "storyboard.json");
  // What somebody has changed since he began with it is not written over.
  await writeFile(file, `${JSON.stringify(ready.document, undefined, 2)}\n`, { flag: "wx" }).catch((error) => {
    throw (error as NodeJS.ErrnoException).code === "EEXIST"
      ? usageFailure(`${file} is there already; name another folder with --into.`)
      : error;
  });
  const assets = await readyAssets(ready.name);
  for (const asset of assets) await copyFile(asset.file, join(folder, asset.name));
  const out = terminalOn(process.stdout);
  if (json) {
    out.line(JSON.stringify({ file, assets: assets.map(({ name }) => name) }));
    return;
  }
  out.line(`${made === undefined ? "Wrote" : "Made"} ${file} and ${count(assets.length, "file")} beside it.`);
  out.line(`It reads the columns ${columnsOf(ready).join(", ")}.`);
  out.line(
    `\`inlet storyboard preview ${file}\` shows it; \`inlet storyboard put ${file} -p CLIENT/PROJECT\` saves it.`,
  );
}
