import { PROBLEM_CODES } from "@inlet/contracts";

const HEADING = "## Codes of problems";

/** The catalogue of problems' codes as a table in Markdown, its columns in line. */
export function codeTable(): string {
  const rows = Object.entries(PROBLEM_CODES).map(([code, [status, meaning]]) => [`\`${code}\``, `${status}`, meaning]);
  const all = [["code", "status", "meaning"], ...rows];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]!.length)));
  const line = (cells: string[]) => `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(" | ")} |`;
  const [head, ...body] = all.map(line);
  return [head, `| ${widths.map((width) => "-".repeat(width)).join(" | ")} |`, ...body].join("\n");
}

/** The developers' guide with the catalogue as it is now, at its end. */
export function withCodeTable(guide: string): string {
  return `${guide.slice(0, guide.indexOf(HEADING))}${HEADING}\n\n${codeTable()}\n`;
}
