import { columnNameSchema } from "@inlet/contracts";

const LONGEST = 63;

/**
 * A column's name in PostgreSQL for each label: `Straße & Nr.` → `strasse_nr`, `firstName` → `first_name`. Every name is
 * given once; a label of which nothing is left is named by its place, from 1.
 */
export function columnNames(labels: readonly string[]): string[] {
  const taken = new Set<string>();
  return labels.map((label, index) => {
    const wanted = slugOf(label, LONGEST) || `column_${index + 1}`;
    const name = columnNameSchema.safeParse(wanted).success ? wanted : `${wanted.slice(0, LONGEST - 7)}_column`;
    for (let number = 1; ; number += 1) {
      const suffix = number === 1 ? "" : `_${number}`;
      const given = `${name.slice(0, LONGEST - suffix.length)}${suffix}`;
      if (taken.has(given)) continue;
      taken.add(given);
      return given;
    }
  });
}

/** What is left of a text as lower-case letters, digits and single underscores, beginning with a letter; "" if nothing. */
export function slugOf(text: string, longest: number): string {
  const slug = text
    .replaceAll("ß", "ss")
    .replaceAll("&", " and ")
    .replaceAll("%", " percent ")
    .replace(/([\p{Ll}\d])(\p{Lu})/gu, "$1_$2")
    .normalize("NFKD")
    .replace(/\p{M}/gu, "")
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, "_")
    .replace(/^_+|_+$/g, "");
  if (slug === "") return "";
  const started = /^[a-z]/.test(slug) ? slug : `n_${slug}`;
  return started.slice(0, longest).replace(/_+$/, "");
}
