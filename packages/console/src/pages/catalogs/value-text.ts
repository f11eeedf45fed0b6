import type { Cell } from "@inlet/contracts";

/** A value of an item, as it is shown; what is not there has a sign of its own. */
export const valueText = (value: Cell | undefined): string =>
  value === null || value === undefined ? "∅" : String(value);
