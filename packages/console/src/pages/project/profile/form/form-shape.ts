import { isObject } from "../document/is-same.ts";

/**
 * Why a form cannot show what a text says; undefined: it can. Mistakes in single settings are the fields' matter; here is
 * only what would leave nothing to show.
 */
export function whyNoForm(value: unknown): string | undefined {
  if (!isObject(value)) return "The text holds no settings.";
  for (const key of [
    "folders",
    "duplicates",
    "run",
    "incoming",
    "email",
    "links",
    "retention",
    "delivery",
    "notify",
    "monitoring",
    "source",
  ]) {
    if (value[key] !== undefined && !isObject(value[key])) return `${key} is no group of settings.`;
  }
  for (const [group, key] of LISTS) {
    const settings = value[group];
    if (isObject(settings) && settings[key] !== undefined && !isListOf(settings[key], isText))
      return `${group}.${key} is no list of texts.`;
  }
  const { run, incoming, links, source } = value;
  for (const [key, isIt] of [
    ["system", isObject],
    ["schedule", isObject],
    ["pulls", isListOfGroups],
  ] as const) {
    if (isObject(source) && source.kind === "pull" && source[key] !== undefined && !isIt(source[key]))
      return `source.${key} is not as it should be.`;
  }
  for (const key of ["window", "missing"]) {
    if (isObject(run) && run[key] !== undefined && !isObject(run[key])) return `run.${key} is no group of settings.`;
  }
  if (isObject(run) && run.at !== undefined && !isText(run.at)) return "run.at is no text.";
  if (isObject(incoming) && incoming.zip !== undefined && !isObject(incoming.zip))
    return "incoming.zip is no group of settings.";
  if (isObject(links) && links.page !== undefined) {
    if (!isObject(links.page)) return "links.page is no group of settings.";
    const { fields, button } = links.page;
    if (fields !== undefined && !isListOf(fields, isObject)) return "links.page.fields is no list.";
    if (button !== undefined && !isObject(button)) return "links.page.button is no group of settings.";
  }
  if (!isListOf(value.tables, isObject)) return "There is no list of tables.";
  for (const table of value.tables) {
    const wrong = whyNoTable(table);
    if (wrong !== undefined) return wrong;
  }
  return undefined;
}

const LISTS = [
  ["notify", "recipients"],
  ["notify", "on"],
  ["run", "expect"],
  ["email", "senders"],
  ["monitoring", "recipients"],
] as const;

function whyNoTable(table: Record<string, unknown>): string | undefined {
  if (!isText(table.name)) return "A table has no name.";
  if (!isListOf(table.columns, isObject)) return `The table ${table.name} has no list of columns.`;
  if (table.columns.some(({ name }) => !isText(name))) return `A column of the table ${table.name} has no name.`;
  if (table.invalid !== undefined && !isObject(table.invalid))
    return `invalid of ${table.name} is no group of settings.`;
  if (table.format !== undefined && !isObject(table.format)) return `format of ${table.name} is no group of settings.`;
  if (
    table.controls !== undefined &&
    !(isListOfGroups(table.controls) && table.controls.every(({ from }) => isObject(from)))
  )
    return `controls of ${table.name} is no list of control totals.`;
  for (const key of ["files", "key", "after"]) {
    if (table[key] !== undefined && !isListOf(table[key], isText))
      return `${key} of ${table.name} is no list of texts.`;
  }
  for (const column of table.columns) {
    for (const key of ["aliases", "values", "trueValues", "falseValues"]) {
      if (column[key] !== undefined && !isListOf(column[key], isText))
        return `${key} of ${table.name}.${String(column.name)} is no list of texts. Texts that look like numbers need quotes.`;
    }
  }
  return undefined;
}

const isListOfGroups = (value: unknown) => isListOf(value, isObject);

const isText = (value: unknown): value is string => typeof value === "string";

function isListOf<Item>(value: unknown, isIt: (item: unknown) => item is Item): value is Item[] {
  return Array.isArray(value) && value.every(isIt);
}
