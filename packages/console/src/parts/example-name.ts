/** What the words of a pattern stand for. */
interface PatternWords {
  client: string;
  project: string;
  table: string;
}

/** A pattern as people read it: `{table}-{date}.tsv` → `store-YYYY-MM-DD.tsv`. */
export function exampleName(pattern: string, { client, project, table }: PatternWords): string {
  const words: Readonly<Record<string, string>> = {
    client,
    project,
    table,
    date: "YYYY-MM-DD",
    timestamp: "YYYYMMDD_HHmmss",
    ext: "csv",
  };
  return pattern.replace(/\{(\w+)\}/g, (whole, name: string) => words[name] ?? whole);
}
