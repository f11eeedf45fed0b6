import type { InferredTable, ProposedTable } from "@inlet/delimited";
import { count, figure } from "../figures.ts";
import { commentText, yamlList, yamlText } from "./yaml-text.ts";

/** All that a first profile is made of. */
export interface ProfileDraft extends ProposedTable {
  client: string;
  project: string;
  /** The sample's name. */
  fileName: string;
}

type Field = InferredTable["fields"][number];

/** Values that are listed when they are few, each many times there. */
const FEW_VALUES = 12;
const TIMES_EACH = 5;
const ENOUGH_RECORDS = 20;
/** More columns than this have to be allowed. */
const USUAL_COLUMNS = 1000;

/** A profile in YAML, with the reason for each choice beside it. */
export function profileText(draft: ProfileDraft): string {
  const { client, project, table, pattern, fileName, inferred } = draft;
  const { records, isWhole } = inferred.sample;
  const width = inferred.fields.length;
  return `${[
    `# A first profile, made from ${commentText(fileName)} (${count(records, "record")}${isWhole ? "" : " of it"} looked at). Edit it: what the file`,
    "# shows is not all that was agreed. Then:",
    `#   inlet check ${commentText(fileName)} --profile THIS.yaml`,
    "#   inlet apply -f THIS.yaml",
    `client: ${yamlText(client)}`,
    `project: ${yamlText(project)}`,
    "folders:",
    `  uploads: /${project}/Uploads # where the client puts its files`,
    `  # downloads: /${project}/Downloads # for results, with \`links\``,
    "tables:",
    `  - name: ${yamlText(table)}`,
    `    files: [${JSON.stringify(pattern)}] # {date} is YYYY-MM-DD, * anything; each may come as .zip`,
    "    format:",
    ...formatLines(draft).map((line) => `      ${line}`),
    ...(width > USUAL_COLUMNS ? ["    limits:", `      columns: ${width}`] : []),
    ...keyLines(draft).map((line) => `    ${line}`),
    "    # mode: append # or replace (each file is the whole table), or upsert (by the key)",
    "    # invalid: { policy: skip, maxPercent: 5 } # default: one bad record rejects the file",
    "    columns:",
    ...inferred.fields.flatMap((field) => columnLines(field, draft).map((line) => `      ${line}`)),
  ].join("\n")}\n`;
}

function formatLines({ scan }: ProfileDraft): string[] {
  const { dialect, header } = scan;
  const { delimiter, quote, escape: escapes, comment, encoding, trimSpaces, trailer } = dialect;
  const headerLines = header.records ?? 1;
  return [
    `delimiter: ${JSON.stringify(delimiter)} # as found; without this line any of , ; | and tab is`,
    ...(quote === '"' ? [] : [`quote: ${quote === null ? "none" : JSON.stringify(quote)} # as found`]),
    ...(escapes === "backslash" ? ['escape: backslash # a quote inside quotes is written \\"'] : []),
    ...(encoding === "windows-1252" ? ["encoding: windows-1252 # as found; utf-8 is better, if the client can"] : []),
    ...(comment === null ? [] : [`comment: ${JSON.stringify(comment)} # lines that begin so are passed over`]),
    ...(header.line > 1 ? [`preambleLines: ${header.line - 1} # above the column names; auto looks for these`] : []),
    ...(headerLines === 1
      ? []
      : [`headerLines: ${headerLines}${headerLines === 0 ? " # cells are the columns below, in order" : ""}`]),
    ...(trimSpaces ? ["trimSpaces: true # spaces round cells are how the file is written"] : []),
    ...(trailer === null ? [] : [`trailer: ${yamlText(trailer)} # the last line begins so, and is no record`]),
    "reading: strict # or tolerant: read on as a spreadsheet would, and warn",
  ];
}

/** The first column that could name a record. */
function keyLines({ inferred, filled }: ProfileDraft): string[] {
  const isKey = ({ name, isUnique, reading }: Field) =>
    name !== null && filled.has(name) && isUnique && (reading.type === "integer" || reading.type === "string");
  const key = inferred.sample.records < 2 ? undefined : inferred.fields.find(isKey);
  return key === undefined ? [] : [`# key: ${yamlList([key.name!])} # no value of it came twice`];
}

function columnLines(field: Field, { filled, inferred }: ProfileDraft): string[] {
  const { name, label, reading } = field;
  if (name === null) return [`# column ${field.index + 1} of the file has no name of its own, and is left out`];
  const { type, format, decimalSeparator, trueValues, falseValues } = reading;
  return [
    `- name: ${yamlText(name)}`,
    ...(label === name ? [] : [`  header: ${yamlText(label)}`]),
    `  type: ${type}${typeComment(field)}`,
    ...(format === undefined ? [] : [`  format: ${JSON.stringify(format)}${rivalComment(field)}`]),
    ...(decimalSeparator === "," ? ['  decimalSeparator: ","'] : []),
    ...(trueValues === undefined ? [] : [`  trueValues: ${yamlList(trueValues)}`]),
    ...(falseValues === undefined ? [] : [`  falseValues: ${yamlList(falseValues)}`]),
    ...(filled.has(name) ? ["  required: true # no cell is empty"] : []),
    ...suggestions(field, inferred.sample).map((line) => `  # ${line}`),
  ];
}

function typeComment({ filled, share, reading, isCode }: Field): string {
  if (filled === 0) return " # no cell has a value, so this is a guess";
  if (isCode) return " # digits, but with zeros before them or too many: as text they are kept as they are";
  const others = Math.round(filled * (1 - share));
  return others === 0
    ? ""
    : ` # but ${count(others, "cell")} of ${figure(filled)} ${others === 1 ? "is" : "are"} no ${reading.type}`;
}

function rivalComment({ rival }: Field): string {
  return rival?.format === undefined ? "" : ` # or ${rival.format}: no cell tells which; ask the client`;
}

/** What may be meant, and only the client knows. */
function suggestions(
  { reading, isUnique, filled, values, examples }: Field,
  { records, isWhole }: InferredTable["sample"],
): string[] {
  const lines: string[] = [];
  if (reading.type === "string" && examples.length > 0) {
    if (examples.every((text) => /^[^\s@]+@[^\s@]+\.[^\s@]+$/.test(text))) lines.push("type: email # all look so");
    if (examples.every((text) => /^https?:\/\/\S+$/.test(text))) lines.push("type: url # all look so");
  }
  const isFew = values !== undefined && values.length <= FEW_VALUES && filled >= values.length * TIMES_EACH;
  if (reading.type === "string" && isFew && filled >= ENOUGH_RECORDS) {
    lines.push(
      `type: enum # only ${count(values.length, "value")} came`,
      `values: ${yamlList(values.map(commentText))}`,
    );
  }
  if (isUnique && filled > 1 && filled === records)
    lines.push(`unique: true # no value came twice${isWhole ? "" : ", as far as was looked"}`);
  return lines;
}
