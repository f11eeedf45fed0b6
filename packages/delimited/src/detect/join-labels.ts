/**
 * The labels of columns that several records name together: joined per column with a space. A blank cell of any record but
 * the last carries the label from its left, as a merged cell of a spreadsheet does.
 */
export function joinLabels(rows: readonly (readonly string[])[]): string[] {
  const last = rows.at(-1) ?? [];
  if (rows.length < 2) return [...last];
  const width = Math.max(...rows.map((row) => row.length));
  const parts: string[][] = Array.from({ length: width }, () => []);
  rows.forEach((row, level) => {
    let carried = "";
    for (let column = 0; column < width; column += 1) {
      const cell = (row[column] ?? "").trim();
      if (cell !== "") carried = cell;
      const part = level < rows.length - 1 ? carried : cell;
      if (part !== "") parts[column]!.push(part);
    }
  });
  return parts.map((column) => column.join(" "));
}
