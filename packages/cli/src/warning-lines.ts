import { inLines } from "./table.ts";
import { printable } from "./terminal.ts";

const BEFORE = "inlet: ";

/** A warning for stderr, in lines that fit the terminal; in a pipe it is one. */
export function warningLines(warning: string, columns: number): string[] {
  return inLines(printable(warning), columns - BEFORE.length).map(
    (line, at) => `${at === 0 ? BEFORE : " ".repeat(BEFORE.length)}${line}`,
  );
}
