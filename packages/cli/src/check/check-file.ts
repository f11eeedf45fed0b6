import { type Issue, MAX_COLUMNS, type Profile, type Severity, type Table, tableSchema } from "@inlet/contracts";
import {
  check,
  excerptOf,
  type Hooks,
  type InferredTable,
  inferTable,
  isUnreadable,
  type Report,
  type ScanPlan,
  sniff,
} from "@inlet/delimited";
import { chooseTable } from "./choose-table.ts";
import { type DataFile, openDataFile } from "./data-file.ts";
import { placeOf } from "./issue-place.ts";
import type { Pictured } from "./picture.ts";

/** What a file is held against. */
export interface CheckSettings {
  /** Without one the file is held against itself: against the types that its own cells show. */
  profile: Profile | undefined;
  table: string | undefined;
  /** The platform's own rules, where they are at hand. */
  hooks: Hooks | undefined;
  /** Read on as a spreadsheet would, whatever the profile says. */
  tolerant: boolean;
}

/** How many findings there are of one kind. */
export interface Total {
  severity: Severity;
  code: string;
  count: number;
}

/** A file that was checked. */
export interface CheckedFile {
  file: string;
  data: DataFile;
  table: Table;
  /** Without a profile: what the cells show. */
  fields: InferredTable["fields"] | undefined;
  report: Report;
  totals: Total[];
  elapsedMs: number;
}

/** Who wants to know what, while a file is checked. */
export interface CheckListener {
  onOpen?(data: DataFile): void;
  onRead?(reading: number, doneBytes: number): void;
  /** Of every finding, at once. */
  onIssue?(issue: Issue): void;
  /** Of those findings that `wantsPicture` asked for, in order, soon after. */
  onPicture?(pictured: Pictured): void;
  wantsPicture?(issue: Issue): boolean;
}

/** 50 TB: a ZIP's content may fill the disk, which says so itself. */
const MOST_BYTES = 50 * 1000 ** 4;

/**
 * Checks one file with the code of the validator. Close `data` afterwards.
 * @throws what says that the file cannot be read: the file system's errors, InvalidInput, Misconfigured, CliFailure
 */
export async function checkFile(
  file: string,
  settings: CheckSettings,
  listener: CheckListener,
  signal: AbortSignal,
): Promise<CheckedFile> {
  const startedAt = performance.now();
  const given = settings.profile && chooseTable(settings.profile, settings.table, baseName(file));
  const totalBytes = given?.limits.totalBytes ?? MOST_BYTES;
  const data = await openDataFile(file, {
    totalBytes,
    onRead: (reading, doneBytes) => listener.onRead?.(reading, doneBytes),
    signal,
  });
  try {
    listener.onOpen?.(data);
    const { table, fields } = await tableFor(data, given, settings, signal);
    const pictures = new Pictures(file, data, table, listener);
    const totals = new Map<string, Total>();
    const report = await check(data.source, {
      table,
      claims: { name: data.fileName },
      ...(settings.hooks && { hooks: settings.hooks }),
      notStored: given === undefined,
      signal,
      onScan: (scan, columns) => pictures.begin(scan, columns),
      onIssue: (issue) => {
        count(totals, issue);
        listener.onIssue?.(issue);
        pictures.add(issue);
      },
    });
    await pictures.end(report);
    const elapsedMs = performance.now() - startedAt;
    return { file, data, table, fields, report, totals: [...totals.values()], elapsedMs };
  } catch (error) {
    await data.close();
    throw error;
  }
}

const baseName = (file: string) => file.split(/[/\\]/).at(-1) ?? file;

function count(totals: Map<string, Total>, { severity, code }: Issue): void {
  const key = `${severity} ${code}`;
  const total = totals.get(key);
  if (total === undefined) totals.set(key, { severity, code, count: 1 });
  else total.count += 1;
}

/** The table to hold the file against; without a profile one that is made for it. */
async function tableFor(
  data: DataFile,
  given: Table | undefined,
  { tolerant }: CheckSettings,
  signal: AbortSignal,
): Promise<{ table: Table; fields: InferredTable["fields"] | undefined }> {
  const reading = tolerant ? ({ reading: "tolerant" } as const) : {};
  if (given !== undefined) return { table: { ...given, format: { ...given.format, ...reading } }, fields: undefined };
  const { source, plainSizeBytes: sizeBytes } = data;
  const sniffed = await sniff(source, { format: reading, limits: BARE.limits, signal });
  // What cannot be read at all the check itself reports.
  if (isUnreadable(sniffed)) return { table: BARE, fields: [] };
  // What the whole file has been read for is not found out a second time.
  const { encoding } = sniffed.dialect;
  const format = sniffed.isEncodingKnown ? { encoding } : {};
  const { table, fields } = await inferTable({ source, scan: sniffed.scan, sizeBytes, signal }, { format });
  return { table, fields };
}

/** For a file that has no columns. */
const BARE = tableSchema.parse({ name: "file", columns: [{ name: "value" }], limits: { columns: MAX_COLUMNS } });

/** Draws the findings that somebody wants to see, one after the other, beside the check. */
class Pictures {
  readonly #file: string;
  readonly #data: DataFile;
  readonly #table: Table;
  readonly #listener: CheckListener;
  #scan: ScanPlan | undefined;
  #columns: readonly Report["columns"][number][] = [];
  /** Findings that came before it was known how the file is read. */
  #early: Issue[] = [];
  #last: Promise<void> = Promise.resolve();

  constructor(file: string, data: DataFile, table: Table, listener: CheckListener) {
    this.#file = file;
    this.#data = data;
    this.#table = table;
    this.#listener = listener;
  }

  begin(scan: ScanPlan, columns: readonly Report["columns"][number][]): void {
    this.#scan = scan;
    this.#columns = columns;
    for (const issue of this.#early) this.#draw(issue);
    this.#early = [];
  }

  add(issue: Issue): void {
    if (!this.#listener.wantsPicture?.(issue)) return;
    if (this.#scan === undefined) this.#early.push(issue);
    else this.#draw(issue);
  }

  /** Resolves when all are drawn. */
  async end(report: Report): Promise<void> {
    this.#columns = report.columns;
    for (const issue of this.#early) this.#draw(issue);
    await this.#last;
  }

  #draw(issue: Issue): void {
    const scan = this.#scan;
    const place = placeOf(issue, this.#columns, this.#table);
    this.#last = this.#last.then(async () => {
      const excerpt = scan && (await excerptOf(issue, scan, (offset, length) => this.#data.read(offset, length)));
      this.#listener.onPicture?.({ issue, file: this.#file, ...place, excerpt });
    });
    // It is awaited at the end; a check that fails before that has its own error to tell.
    this.#last.catch(() => {});
  }
}
