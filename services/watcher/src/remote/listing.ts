import { posix } from "node:path";
import type { Source } from "@inlet/contracts";
import type { RememberedFile } from "@inlet/database";
import type { RemoteFile } from "@inlet/remote-sftp";

/** A project's remote source. */
export type RemoteSource = Extract<Source, { kind: "sftp" }>;

/** A file of the listing with its whole path. */
export interface ListedFile {
  name: string;
  path: string;
  sizeBytes: number;
  modifiedMs: number;
}

/** A data file and the flag file that declares it complete, where the source works with flags. */
export interface DataFile {
  file: ListedFile;
  flag: ListedFile | undefined;
  /** The flag has announced another file before: what it says is about that one. */
  isFlagUsed: boolean;
}

/** What is to be done about a listing. */
export interface Judgement {
  /** Complete, oldest first. */
  fetch: DataFile[];
  /** Fetched before, and still there: to be moved aside where the profile says so. */
  fetched: DataFile[];
  /** Not complete yet, or not provably so. */
  waiting: ListedFile[];
}

/** A flag that has announced a file already does not announce the next one: that one must stand still for so long. */
const USED_FLAG_SECONDS = 60;

/** Names under which clients' programs write what is not complete; they rename it when it is. */
const UNFINISHED = /^\.|\.(part|filepart|tmp)$/i;

/** The files of a listing that may concern us. */
export function candidates(folder: string, entries: readonly RemoteFile[]): ListedFile[] {
  return entries
    .filter(({ name, isFile }) => isFile && !UNFINISHED.test(name))
    .map(({ name, sizeBytes, modifiedMs }) => ({ name, path: posix.join(folder, name), sizeBytes, modifiedMs }));
}

/**
 * Judges which files of a listing are complete. By stability: the same size and time at two looks at least, and for so
 * many seconds; a time alone proves nothing, because senders set it. By flag: the flag file is there, and is not the one
 * that announced the file's predecessor.
 * @param known what earlier looks saw of these very files, by path
 */
export function judge(
  files: readonly ListedFile[],
  known: ReadonlyMap<string, Pick<RememberedFile, "unchangedMs" | "arrivalId">>,
  complete: RemoteSource["complete"],
): Judgement {
  const byName = new Map(files.map((file) => [file.name, file]));
  const judgement: Judgement = { fetch: [], fetched: [], waiting: [] };
  const unchangedFor = ({ path }: ListedFile, seconds: number) =>
    (known.get(path)?.unchangedMs ?? Number.NEGATIVE_INFINITY) >= seconds * 1000;
  for (const file of [...files].sort(byAge)) {
    if (complete.by === "flag" && file.name.endsWith(complete.suffix)) continue;
    const flag = complete.by === "flag" ? byName.get(file.name + complete.suffix) : undefined;
    const isFlagUsed = flag !== undefined && known.get(flag.path)?.arrivalId != null;
    const isComplete =
      complete.by === "stable"
        ? unchangedFor(file, complete.seconds)
        : flag !== undefined && (!isFlagUsed || unchangedFor(file, USED_FLAG_SECONDS));
    if (known.get(file.path)?.arrivalId != null) judgement.fetched.push({ file, flag, isFlagUsed });
    else if (isComplete) judgement.fetch.push({ file, flag, isFlagUsed });
    else judgement.waiting.push(file);
  }
  return judgement;
}

const byAge = (a: ListedFile, b: ListedFile) =>
  a.modifiedMs - b.modifiedMs || (a.name < b.name ? -1 : a.name > b.name ? 1 : 0);
