import { count } from "@inlet/contracts";
import {
  checkedOf,
  green,
  notNeeded,
  notSeen,
  type ObservedBatch,
  red,
  SEND_AGAIN,
  sendAgain,
  stopped,
  stoppedAt,
  type TableView,
  type Verdict,
  warning,
} from "./observed.ts";

const DELIMITERS: Readonly<Record<string, string>> = { ",": "comma", ";": "semicolon", "|": "pipe", "\t": "tab" };
const ENCODINGS: Readonly<Record<string, string>> = { "utf-8": "UTF-8", "windows-1252": "Windows-1252" };
/** "A 20-rows file": the batch contract. Others are taken, and a load test is none of a rehearsal's. */
const AGREED_RECORDS = 20;
const MOST_RECORDS = 1_000;
const NAMES_SHOWN = 12;
const VALUE_SHOWN = 40;

/** What is pulled is written down here, and not as anybody chose. */
const PULLED = "its rows were pulled";

/** OpenPGP round the file. */
export function encryption({ profile, batch }: TableView): Verdict {
  const isRequired = profile.incoming.pgp === "require";
  const expected = isRequired ? "encrypted with OpenPGP to our key" : null;
  return wrapped(batch, "encryption", expected, ({ pgp }) => (pgp ? green("OpenPGP", expected) : undefined));
}

/** The client's signature. */
export function signature({ profile, batch }: TableView): Verdict {
  const expected = profile.incoming.signature === "require" ? "signed with the client's key" : null;
  return wrapped(batch, "signature", expected, ({ signedBy }) =>
    signedBy ? green(`signed by ${signedBy.slice(-16).toUpperCase()}`, expected) : undefined,
  );
}

/** A ZIP round the file, and its password. */
export function zipPassword({ profile, batch }: TableView): Verdict {
  const expected = profile.incoming.zip.encryption === "require" ? "a ZIP with the agreed password" : null;
  return wrapped(batch, "zip_password", expected, ({ zip, zipEncrypted }) =>
    zip ? green(zipEncrypted ? "a ZIP, opened with the password" : "a ZIP without a password", expected) : undefined,
  );
}

type Wrapping = NonNullable<NonNullable<ReturnType<typeof checkedOf>>["wrapping"]>;

function wrapped(
  batch: ObservedBatch | undefined,
  line: "encryption" | "signature" | "zip_password",
  expected: string | null,
  judge: (wrapping: Wrapping) => Verdict | undefined,
): Verdict {
  const isAsked = expected !== null;
  if (batch !== undefined && stoppedAt(batch) === line) return stopped(batch, expected);
  const wrapping = batch && checkedOf(batch)?.wrapping;
  const seen = wrapping ? judge(wrapping) : undefined;
  if (seen) return seen;
  if (!isAsked) return notNeeded("the profile does not ask for it");
  if (wrapping) return red("the file was not", expected, SEND_AGAIN);
  // What is required and missing has its file refused; so this file went through with what it needs.
  return batch !== undefined && checkedOf(batch)?.columns !== undefined
    ? green(expected, expected)
    : notSeen(batch, expected);
}

/** How characters became bytes. */
export function encoding({ table, batch }: TableView): Verdict {
  if (batch?.source === "pull") return notNeeded(PULLED);
  const wanted = table.format.encoding;
  const expected = wanted === "auto" ? "UTF-8 or Windows-1252" : (ENCODINGS[wanted] ?? wanted);
  if (batch === undefined) return notSeen(batch, expected);
  if (stoppedAt(batch) === "encoding") return stopped(batch, expected);
  const broken = batch.issueTotals.encoding_invalid;
  if (broken) {
    return red(`${count(broken, "cell")} are not ${expected}`, expected, `Save the file as ${expected.split(" ")[0]}.`);
  }
  const dialect = checkedOf(batch)?.scan?.dialect;
  if (!dialect) return notSeen(batch, expected);
  return green(
    `${ENCODINGS[dialect.encoding] ?? dialect.encoding}${dialect.bom ? ", with a byte-order mark" : ""}`,
    expected,
  );
}

/** What parts the cells. */
export function delimiter({ table, batch }: TableView): Verdict {
  if (batch?.source === "pull") return notNeeded(PULLED);
  const wanted = table.format.delimiter;
  const words = (mark: string) => DELIMITERS[mark] ?? JSON.stringify(mark);
  const expected = wanted === "auto" ? "comma, semicolon, pipe or tab" : words(wanted);
  const dialect = batch && checkedOf(batch)?.scan?.dialect;
  return dialect ? green(words(dialect.delimiter), expected) : notSeen(batch, expected);
}

/** Which cell of the file is which column. */
export function header({ table, batch }: TableView): Verdict {
  const labels = table.columns.map((column) => column.header ?? column.name);
  const more = labels.length > NAMES_SHOWN ? `, and ${labels.length - NAMES_SHOWN} more` : "";
  const expected = labels.slice(0, NAMES_SHOWN).join(", ") + more;
  if (batch === undefined) return notSeen(batch, expected);
  if (stoppedAt(batch) === "header") return stopped(batch, expected);
  const columns = checkedOf(batch)?.columns;
  if (columns === undefined || columns.length === 0) return notSeen(batch, expected);
  const mapped = columns.filter(({ column }) => column !== null);
  const guessed = mapped.filter(({ matchedBy }) => matchedBy === "fuzzy");
  if (guessed.length > 0) {
    const [first] = guessed;
    return warning(
      `“${first!.label}” is read as ${first!.column}`,
      expected,
      "Write the names as agreed, or add this one to the column's aliases.",
    );
  }
  const rest = columns.length - mapped.length;
  return green(
    `${count(mapped.length, "column")} found${rest > 0 ? `, and ${rest} more that ${rest === 1 ? "is" : "are"} not imported` : ""}`,
    expected,
  );
}

/** Whether every row is as agreed. */
export function types({ batch }: TableView): Verdict {
  const expected = "no rejected row";
  if (batch === undefined) return notSeen(batch, expected);
  const { records, rejected, issues } = batch;
  if (records !== null && rejected !== null && rejected > 0) {
    const first = issues.find(({ severity }) => severity === "error");
    const place = [first?.line && `line ${first.line}`, first?.value && `“${first.value.slice(0, VALUE_SHOWN)}”`];
    const words = [place.filter(Boolean).join(", "), first?.message ?? batch.reasonMessage].filter(Boolean).join(": ");
    return red(`${count(rejected, "row")} of ${records} rejected; ${words}`, expected, sendAgain(batch));
  }
  if (stoppedAt(batch) === "types") return stopped(batch, expected);
  return isChecked(batch) ? green("every row is valid", expected) : notSeen(batch, expected);
}

const isChecked = ({ steps, status }: ObservedBatch) => steps.validate?.state === "done" && status !== "rejected";

/** How many rows came. */
export function counts({ batch }: TableView): Verdict {
  if (batch?.source === "pull") return pulledCount(batch);
  const expected = `${AGREED_RECORDS} rows`;
  if (batch === undefined) return notSeen(batch, expected);
  if (stoppedAt(batch) === "counts") return stopped(batch, expected);
  const { records } = batch;
  if (records === null || records === 0) return notSeen(batch, expected);
  const found = count(records, "row");
  if (records === AGREED_RECORDS) return green(found, expected);
  if (records <= MOST_RECORDS) return green(`${found}, which is as good as ${AGREED_RECORDS}`, expected);
  return red(found, expected, `Send about ${AGREED_RECORDS} rows: a rehearsal is about the way, not about the load.`);
}

/** What is pulled is all that there is: the system says how much. */
function pulledCount(batch: ObservedBatch): Verdict {
  const { declared, records } = batch;
  const expected = declared === null ? "all that the system has" : `${count(declared, "item")}, as the system says`;
  if (stoppedAt(batch) === "counts") return stopped(batch, expected);
  if (records === null || records === 0) return notSeen(batch, expected);
  return green(count(records, "row"), expected);
}

/** The tables whose rows this table's rows refer to. */
export function references({ table, batch, unmadeTables }: TableView): Verdict | undefined {
  const referred = [...new Set(table.rules.flatMap((rule) => (rule.rule === "references" ? [rule.table] : [])))];
  if (referred.length === 0) return undefined;
  const expected = `rows of ${referred.join(", ")}`;
  if (batch === undefined) return notSeen(batch, expected);
  if (stoppedAt(batch) === "references") return stopped(batch, expected);
  const unmade = referred.filter((name) => unmadeTables.has(name));
  if (unmade.length > 0) {
    return warning(
      `not looked up: ${unmade.join(", ")} ${unmade.length === 1 ? "does" : "do"} not hold it yet`,
      expected,
      `Once live, have a file of ${unmade.join(", ")} imported before the first one of ${table.name}.`,
    );
  }
  return isChecked(batch) ? green(`looked up in ${referred.join(", ")}`, expected) : notSeen(batch, expected);
}
