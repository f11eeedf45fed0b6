import { fitName, type Links, type Wrap, withoutWrapping } from "@inlet/contracts";

/** An extension is short and plain; anything else after a dot belongs to the name. */
const EXTENSION = /\.[A-Za-z0-9]{1,10}$/;
const PGP_ALONE = /^\.(pgp|gpg|asc)/i;
const CONTAINER = /\.(zip|pgp|gpg|asc)$/i;

/** What the names of a batch's result are made of. */
export interface NamedBatch {
  /** The name under which the client sent the file. */
  fileName: string;
  /** The data file's own name, out of what it came in. */
  plainName: string;
  client: string;
  project: string;
  table: string;
  batchId: number;
  receivedAt: Date;
}

type NameParts = Pick<Links, "prefix" | "name" | "suffix">;

/**
 * The result file's name: `<prefix><original name><suffix>.<original extension>`, each of the three a template. For a wrapped
 * file the name is the wrapping's and the extension the inner file's: `spring.zip` with `rows.csv` inside gives
 * `PURL_spring.csv`.
 */
export function resultName(batch: NamedBatch, parts: NameParts): string {
  const { stem, extension } = dissect(batch);
  return composed(batch, parts, stem, extension);
}

/**
 * What the result is called when it is wrapped: `PURL_data.zip`, `PURL_data.csv.gpg`. One that came as `data_file.pgp`, which
 * does not tell what is in it, goes back as `PURL_data_file.gpg`, as the batch contract has it.
 */
export function wrappedResultName(
  batch: NamedBatch,
  parts: NameParts,
  as: Pick<Exclude<Wrap, { as: "plain" }>, "as"> & { armor?: boolean },
): string {
  const { stem, extension, isTold } = dissect(batch);
  if (as.as === "zip") return composed(batch, parts, stem, ".zip");
  return composed(batch, parts, stem, `${isTold ? extension : ""}.${as.armor ? "asc" : "gpg"}`);
}

interface Dissected {
  stem: string;
  extension: string;
  /** Whether a message of this name tells the extension of what is in it. */
  isTold: boolean;
}

function dissect({ fileName, plainName }: Pick<NamedBatch, "fileName" | "plainName">): Dissected {
  const name = withoutWrapping(fileName);
  const own = EXTENSION.exec(name)?.[0] ?? "";
  const inner = CONTAINER.test(plainName) ? "" : (EXTENSION.exec(plainName)?.[0] ?? "");
  const isWrapped = name !== fileName;
  // `spring.csv.zip`: the name holds the inner extension already. `spring.v2.zip`: `.v2` is part of the name.
  const isOwn = !isWrapped || own.toLowerCase() === inner.toLowerCase();
  return {
    stem: isOwn ? name.slice(0, name.length - own.length) : name,
    extension: isWrapped ? inner || own : own,
    isTold: (isOwn && own !== "") || !PGP_ALONE.test(fileName.slice(name.length)),
  };
}

/** Fills the templates. What has to be cut is the client's own name. */
function composed(batch: NamedBatch, { prefix, name, suffix }: NameParts, stem: string, extension: string): string {
  const characters = [...stem];
  const template = prefix + name + suffix;
  let start = filled(template, batch, stem);
  while (characters.length > 0 && fitName(start, extension) !== start + extension) {
    characters.pop();
    start = filled(template, batch, characters.join(""));
  }
  const whole = fitName(start, extension);
  // A name that begins with a dot is hidden, and the gateway shows none.
  return whole.startsWith(".") ? fitName(`_${start}`, extension) : whole;
}

function filled(template: string, { client, project, table, batchId, receivedAt }: NamedBatch, name: string): string {
  const [day, time] = receivedAt.toISOString().slice(0, 19).split("T") as [string, string];
  const values: Readonly<Record<string, string>> = {
    ...{ name, client, project, table },
    date: day.replaceAll("-", ""),
    time: time.replaceAll(":", ""),
    batch: String(batchId),
  };
  return template.replace(/\{([a-z]+)\}/g, (placeholder, key: string) => values[key] ?? placeholder);
}
