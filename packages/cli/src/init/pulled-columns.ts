import { type ColumnType, type FieldShapeView, jsonPathNames, type ProfileInput } from "@inlet/contracts";
import { columnNames } from "@inlet/delimited";

type TableInput = ProfileInput["tables"][number];
type ColumnInput = TableInput["columns"][number];
type SourceInput = Extract<NonNullable<ProfileInput["source"]>, { kind: "pull" }>;

/** A profile with columns for what a probe found, and what is to be said of them. */
export interface ProposedPull {
  profile: ProfileInput;
  table: string;
  /** Names of the new columns. */
  added: string[];
  /** Paths of fields that are no cell: lists and objects. */
  leftOut: string[];
  /** The column that may be the key; null: none looks like one, or the table has a key. */
  key: string | null;
}

/** More digits do not fit into PostgreSQL's bigint for sure. */
const INTEGER_DIGITS = 18;
const KEY_NAME = /^(?:id|code|sku|key|number|item_?(?:id|code|number)|card_?code|doc_?entry)$/i;

/** Gives a table a column for each field that a probe found and that the table does not read yet. */
export function proposeColumns(profile: ProfileInput, table: string, shape: readonly FieldShapeView[]): ProposedPull {
  const source = profile.source as SourceInput;
  const pull = source.pulls.find((each) => each.table === table)!;
  const target = profile.tables.find(({ name }) => name === table)!;
  const read = new Set(target.columns.map((column) => pull.fields?.[column.name] ?? column.header ?? column.name));
  const cells = shape.filter(({ type }) => type !== "object" && type !== "list");
  const fields = cells.filter(({ path }) => !read.has(path));
  const labels = [
    ...target.columns.map(({ name }) => name),
    ...fields.map(({ path }) => jsonPathNames(path).join(" ")),
  ];
  const names = columnNames(labels).slice(target.columns.length);
  const columns = fields.map((field, index) => columnOf(field, names[index]!));
  const nested = fields.flatMap(({ path }, index) =>
    jsonPathNames(path).length > 1 || path.includes("\\") ? [[names[index]!, path] as const] : [],
  );
  const likely = fields.findIndex(({ path, isOptional }) => !isOptional && KEY_NAME.test(path));
  const hasKey = (target.key ?? []).length > 0;
  return {
    profile: {
      ...profile,
      source: {
        ...source,
        pulls: source.pulls.map((each) =>
          each === pull && nested.length > 0
            ? { ...each, fields: { ...each.fields, ...Object.fromEntries(nested) } }
            : each,
        ),
      },
      tables: profile.tables.map((each) =>
        each === target ? { ...each, columns: [...each.columns, ...columns] } : each,
      ),
    },
    table,
    added: names,
    leftOut: shape.filter(({ type }) => type === "object" || type === "list").map(({ path }) => path),
    key: hasKey || likely < 0 ? null : names[likely]!,
  };
}

/** A field of a nested object is named in the pull's `fields`; another one lies under its column's header. */
function columnOf({ path, type, samples }: FieldShapeView, name: string): ColumnInput {
  const isNested = jsonPathNames(path).length > 1 || path.includes("\\");
  const columnType = typeOf(type, samples);
  return {
    name,
    ...(isNested || path === name ? {} : { header: path }),
    ...(columnType === "string" ? {} : { type: columnType }),
  };
}

function typeOf(type: FieldShapeView["type"], samples: readonly string[]): ColumnType {
  switch (type) {
    case "number":
      return samples.length > 0 && samples.every((sample) => /^-?\d+$/.test(sample) && sample.length <= INTEGER_DIGITS)
        ? "integer"
        : "decimal";
    case "boolean":
      return "boolean";
    case "time":
      return samples.every((sample) => /^\d{4}-\d{2}-\d{2}$/.test(sample)) ? "date" : "timestamp";
    default:
      return "string";
  }
}
