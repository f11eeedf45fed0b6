// The import rule: which packages may know which. pnpm lets a package import only what its package.json names, so the
// rule is held by looking at those, and at relative imports that leave their package.
import { readdir, readFile } from "node:fs/promises";
import path from "node:path";

/** Our own packages, each with those that it may import: what stands before it, never what stands after. */
const LAYERS: readonly (readonly string[])[] = [
  ["contracts"],
  ["remote-network", "storyboard"],
  ["delimited", "envelope", "blobs", "client", "remote-sftp", "remote-http", "player", "drawing"],
  ["purl", "runtime", "cli", "console", "connectors"],
  ["database"],
  ["pipeline"],
  ["mail-intake", "structural-check", "sync"],
];

/**
 * Programs that speak to the hub from outside: they know the contracts and the API's client alone. The command line checks
 * files by itself, too, with what the validator checks them with.
 */
const OUTSIDE: Readonly<Record<string, readonly string[]>> = {
  client: ["contracts"],
  cli: ["contracts", "client", "delimited", "envelope", "storyboard", "player"],
  console: ["contracts", "client", "storyboard", "player"],
};

/** Libraries with one home. */
const HOMES: Readonly<Record<string, readonly string[]>> = {
  bullmq: ["pipeline"],
  ioredis: ["pipeline"],
  kysely: ["database"],
  pg: ["database"],
  "pg-copy-streams": ["database"],
  fastify: ["api", "landing", "syncer"],
  ssh2: ["sftp-gateway"],
  "ssh2-sftp-client": ["remote-sftp"],
  imapflow: ["watcher"],
  nodemailer: ["notifier"],
  undici: ["remote-http"],
  "smtp-server": ["mail-gateway"],
  mailauth: ["mail-gateway"],
  sharp: ["drawing"],
  openpgp: ["envelope"],
  "@openpgp/unbzip2-stream": ["envelope"],
};

/** What a package is and what it names. */
export interface Manifest {
  /** Without `@inlet/`. */
  name: string;
  kind: "package" | "service";
  dependencies: readonly string[];
}

/** Every dependency that breaks the rule, in words. Tests, the local stack and the demo stand outside it. */
export function breaches(manifests: readonly Manifest[]): string[] {
  const services = new Set(manifests.filter(({ kind }) => kind === "service").map(({ name }) => name));
  return manifests.flatMap(({ name, kind, dependencies }) =>
    dependencies.flatMap((dependency) => {
      const own = dependency.startsWith("@inlet/") ? dependency.slice("@inlet/".length) : undefined;
      if (own === undefined) {
        const homes = HOMES[dependency];
        return homes && !homes.includes(name) ? [`${name}: ${dependency} belongs in ${homes.join(" and ")} alone`] : [];
      }
      if (services.has(own)) return [`${name}: no package imports a service (${own})`];
      if (OUTSIDE[name])
        return OUTSIDE[name].includes(own) ? [] : [`${name}: knows ${OUTSIDE[name].join(" and ")} alone, not ${own}`];
      if (kind === "service") return [];
      return layerOf(own) < layerOf(name) ? [] : [`${name}: ${own} stands after it, or beside it`];
    }),
  );
}

function layerOf(name: string): number {
  const layer = LAYERS.findIndex((names) => names.includes(name));
  if (layer === -1) throw new Error(`package ${name} has no place in the import rule (infra/stack/src/import-rule.ts)`);
  return layer;
}

/** Reads the manifests of all packages and services. */
export async function readManifests(root: string): Promise<Manifest[]> {
  const folders = [
    ...(await readdir(path.join(root, "packages"))).map((name) => ({
      kind: "package" as const,
      folder: `packages/${name}`,
    })),
    ...(await readdir(path.join(root, "services"))).map((name) => ({
      kind: "service" as const,
      folder: `services/${name}`,
    })),
  ];
  return await Promise.all(
    folders.map(async ({ kind, folder }) => {
      const manifest = JSON.parse(await readFile(path.join(root, folder, "package.json"), "utf8")) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      return {
        name: manifest.name.replace("@inlet/", ""),
        kind,
        dependencies: Object.keys(manifest.dependencies ?? {}),
      };
    }),
  );
}

/** Relative imports that leave the package of the file they stand in. */
export async function escapes(root: string): Promise<string[]> {
  const found: string[] = [];
  for (const group of ["packages", "services"]) {
    for (const name of await readdir(path.join(root, group))) {
      const folder = path.join(root, group, name);
      const files = await readdir(path.join(folder, "src"), { recursive: true });
      for (const file of files.filter((each) => /\.tsx?$/.test(each))) {
        const source = path.join(folder, "src", file);
        for (const [, target] of (await readFile(source, "utf8")).matchAll(/(?:from|import)\s*\(?\s*"(\.[^"]+)"/g)) {
          const resolved = path.resolve(path.dirname(source), target!);
          if (!resolved.startsWith(folder + path.sep))
            found.push(`${path.relative(root, source)}: imports ${target}, outside its package`);
        }
      }
    }
  }
  return found;
}
