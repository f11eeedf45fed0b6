const PROFILE = [
  "client",
  "project",
  "title",
  "folders",
  "source",
  "duplicates",
  "run",
  "incoming",
  "email",
  "links",
  "retention",
  "delivery",
  "notify",
  "monitoring",
  "tables",
  "catalogs",
];

const TABLE = [
  "name",
  "description",
  "files",
  "format",
  "limits",
  "columns",
  "extraColumns",
  "key",
  "mode",
  "invalid",
  "records",
  "rules",
  "controls",
  "after",
  "afterFailed",
];

const COLUMN = ["name", "header", "aliases", "type", "format", "values", "required", "optional", "unique"];

/** The order in which people write the settings of what is at a path; nothing where it does not matter. */
export function orderOf(path: readonly (string | number)[]): readonly string[] {
  if (path.length === 0) return PROFILE;
  if (path[0] !== "tables") return [];
  if (path.length === 2) return TABLE;
  return path.length === 4 && path[2] === "columns" ? COLUMN : [];
}
