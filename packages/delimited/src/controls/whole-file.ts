import type { Table } from "@inlet/contracts";
import type { IssueLog } from "../issues/issue-log.ts";
import type { ScanPlan } from "../scan/dialect.ts";
import type { TrailerWatch } from "./trailer-watch.ts";

/** What a look at the whole file tells of its trailer. */
interface Seen {
  trailer: TrailerWatch | undefined;
  /** The file was not read to its end. */
  isCut: boolean;
}

/** A file whose format has a trailer must end with it: without one it may have been cut off on its way. */
export function reportTrailer({ dialect }: ScanPlan, { trailer, isCut }: Seen, log: IssueLog): void {
  if (dialect.trailer === null || isCut || trailer === undefined) return;
  const { last, early } = trailer;
  const looks = `a line that begins with ${dialect.trailer}`;
  if (last === undefined) {
    log.add({
      code: "trailer_missing",
      message: `The file must end with its trailer, ${looks}; it may have been cut off. Send the whole file again.`,
    });
  } else if (early !== undefined) {
    log.add({
      code: "trailer_not_last",
      message: `The trailer, ${looks}, must be the last line and come once, but something follows the one in line ${early.line}. Send the whole file again.`,
      line: early.line,
      offset: early.offset,
    });
  } else if (last.cells === undefined) {
    log.add({
      code: "trailer_broken",
      message: "The trailer has a quote that is not closed or not doubled, or a NUL byte; mend it.",
      line: last.line,
      offset: last.offset,
    });
  }
}

/** Whether there are as many records as the table expects. */
export function reportRecordCount(table: Table, { header }: ScanPlan, records: number, log: IssueLog): void {
  const { min, max } = table.records;
  if (records === 0 && min > 0) {
    log.add({
      code: "records_missing",
      message: "The file has a line of column names, but no records; send it again with its data.",
      line: header.line,
    });
  } else if (records < min) {
    log.add({
      code: "records_too_few",
      message: `The file has ${records} ${records === 1 ? "record" : "records"}, but must have at least ${min}. Send the whole file.`,
    });
  } else if (max !== undefined && records > max) {
    log.add({
      code: "records_too_many",
      message: `The file has ${records} records, but must have at most ${max}. Check that it is the right file.`,
    });
  }
}
