import type { SampleRows, Storyboard } from "@inlet/contracts";

/** Somebody for whom the film is shown. */
export interface PreviewRow {
  /** `sample:0`, `record:17`, or `nobody`. */
  id: string;
  name: string;
  kind: "sample" | "record" | "nobody";
  values: Readonly<Record<string, string | null>>;
}

/** A row of which nothing is known: every placeholder shows its fallback. */
export const NOBODY: PreviewRow = { id: "nobody", name: "Nothing is known", kind: "nobody", values: {} };

export const sampleRows = ({ samples }: Pick<Storyboard, "samples">): PreviewRow[] =>
  samples.map(({ name, values }, at) => ({ id: `sample:${at}`, name, kind: "sample", values }));

/** More words than one reads in a list tell nothing more. */
const NAME_CHARACTERS = 40;

/** A batch's rows, named by what stands first in them. */
export function recordRows({ columns, rows }: Pick<SampleRows, "columns" | "rows">): PreviewRow[] {
  return rows.map(({ record, values }) => {
    const words = columns.flatMap((column) => values[column]?.trim() || []);
    const name = words.slice(0, 3).join(" · ").slice(0, NAME_CHARACTERS);
    return { id: `record:${record}`, name: name === "" ? `Row ${record}` : name, kind: "record", values };
  });
}
