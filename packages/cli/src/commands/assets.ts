import type { Asset } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { CliFailure, usageFailure } from "../failure.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { assetWords } from "../storyboard-text.ts";
import { type Column, renderTable } from "../table.ts";
import { assetSource, isUploaded, uploadAssets } from "../upload-assets.ts";

interface AssetOptions extends GlobalOptions {
  project: string;
}

/** Lists a project's assets. */
export async function listAssets(options: AssetOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const assets = await api.assets(client, project);
  const styles = { ready: "green", processing: "yellow", refused: "red" } as const;
  const columns: Column<Asset>[] = [
    { title: "NAME", text: ({ name }) => name, paint: (_, cell) => out.paint("bold", cell) },
    { title: "STATE", text: ({ state }) => state, paint: ({ state }, cell) => out.paint(styles[state], cell) },
    { title: "SHOWN BY", text: ({ usedIn }) => usedIn.join(" ") },
    { title: "WHAT IT IS", text: assetWords, flexible: true, wrap: true },
  ];
  if (assets.length === 0) out.line(`No assets. \`inlet assets put FILE -p ${options.project}\` uploads one.`);
  else for (const line of renderTable(assets, columns, out)) out.line(line);
  result({ assets });
}

/** Uploads files, each under its own name, and waits until all are ready. Returns the exit code. */
export async function putAssets(files: readonly string[], options: AssetOptions & { name?: string }): Promise<number> {
  const { client, project } = readProjectName(options.project);
  if (options.name !== undefined && files.length > 1) throw usageFailure("--name is for one file alone.");
  const found = await Promise.all(files.map((file) => assetSource(file, options.name)));
  const session = await openSession(options);
  const known = await session.api.assets(client, project);
  const sources = [];
  for (const source of found) {
    if (!(await isUploaded(source, known))) sources.push(source);
    else session.out.line(`${session.out.paint("dim", "same   ")}  ${source.name}: it is there already`);
  }
  const assets = await uploadAssets(session, { client, project, sources });
  session.result({ assets, unchanged: found.length - sources.length });
  return assets.every(({ state }) => state === "ready") ? EXIT.ok : EXIT.endedBadly;
}

/** Removes an asset, with what is to take its place. */
export async function removeAsset(name: string, options: AssetOptions): Promise<void> {
  const { client, project } = readProjectName(options.project);
  const { api, out, result } = await openSession(options);
  const named = (await api.assets(client, project)).filter((each) => each.name === name);
  if (named.length === 0) {
    const advice = `\`inlet assets list -p ${options.project}\` lists them.`;
    throw new CliFailure(EXIT.notFound, "asset_not_found", `${options.project} has no asset ${name}; ${advice}`);
  }
  for (const { id } of named) await api.removeAsset(client, project, id);
  out.line(`Removed ${name}. Versions that were published with it keep it.`);
  result({ removed: name });
}
