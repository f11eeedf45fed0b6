import type { Profile, Table } from "@inlet/contracts";
import type { ChosenColumn } from "@inlet/database";
import { normaliseLabel, trimLabel } from "@inlet/delimited";
import { Refusal } from "../requests/errors.ts";

const MOST_ALIASES = 50;
const LONGEST_LABEL = 200;

/** A label that is to mean a column from now on. */
export interface NewAlias {
  label: string;
  column: string;
}

/**
 * The aliases that remember what a person chose: only labels that do not mean their column already. What a label means now
 * is never changed.
 * @throws Refusal `label_ambiguous` for one that would mean two columns
 */
export function newAliases(table: Table, chosen: readonly ChosenColumn[]): NewAlias[] {
  const aliases: NewAlias[] = [];
  for (const { label: given, column } of chosen) {
    const label = trimLabel(given);
    const own = table.columns.find(({ name }) => name === column);
    // That a column is passed over this once says nothing of the files to come.
    if (own === undefined || means(own, label)) continue;
    const key = normaliseLabel(label);
    if (key === "" || label.length > LONGEST_LABEL)
      throw notRemembered(label, "it is empty, or too long for a profile");
    const other = table.columns.find((candidate) => candidate !== own && isLike(candidate, key));
    if (other !== undefined) throw notRemembered(label, `it means the column ${other.name} already`);
    if (aliases.some((alias) => normaliseLabel(alias.label) === key)) {
      throw notRemembered(label, "the file has it twice, for two columns");
    }
    if (own.aliases.length >= MOST_ALIASES) {
      throw notRemembered(label, `the column ${own.name} has ${MOST_ALIASES} aliases already`);
    }
    aliases.push({ label, column: own.name });
  }
  return aliases;
}

/** The profile with them. */
export function withAliases(profile: Profile, tableName: string, aliases: readonly NewAlias[]): Profile {
  const extended = (table: Table): Table => ({
    ...table,
    columns: table.columns.map((column) => {
      const own = aliases.filter((alias) => alias.column === column.name).map(({ label }) => label);
      return own.length === 0 ? column : { ...column, aliases: [...column.aliases, ...own] };
    }),
  });
  return { ...profile, tables: profile.tables.map((table) => (table.name === tableName ? extended(table) : table)) };
}

type Column = Table["columns"][number];

const labelsOf = ({ name, header, aliases }: Column) => [header ?? name, ...aliases];

const means = (column: Column, label: string) => labelsOf(column).includes(label);

const isLike = (column: Column, key: string) =>
  [...labelsOf(column), column.name].some((own) => normaliseLabel(own) === key);

const notRemembered = (label: string, why: string) =>
  new Refusal(
    409,
    "label_ambiguous",
    `The label ${JSON.stringify(label)} cannot be remembered: ${why}. Choose the columns for this file alone (remember: false), or rename the label in the file.`,
  );
