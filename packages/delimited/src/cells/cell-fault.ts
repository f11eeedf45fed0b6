/**
 * What is wrong with a cell. In the hot path these are small negative numbers (a good cell's answer is a position), so that
 * a million good cells cost no object; {@link cellFaultCode} names them.
 */
export const FAULT_REQUIRED = -1;
export const FAULT_INTEGER = -2;
export const FAULT_DECIMAL = -3;
export const FAULT_BOOLEAN = -4;
export const FAULT_DATE = -5;
export const FAULT_TIMESTAMP = -6;
export const FAULT_EMAIL = -7;
export const FAULT_URL = -8;
export const FAULT_ENUM = -9;
export const FAULT_PATTERN = -10;
export const FAULT_TOO_SHORT = -11;
export const FAULT_TOO_LONG = -12;
export const FAULT_TOO_SMALL = -13;
export const FAULT_TOO_LARGE = -14;
export const FAULT_NUMBER_RANGE = -15;
export const FAULT_PRECISION = -16;
export const FAULT_SCALE = -17;
export const FAULT_UNDEFINED_BYTE = -18;
export const FAULT_KEY_EMPTY = -19;

const CODES = [
  "value_missing",
  "not_an_integer",
  "not_a_decimal",
  "not_a_boolean",
  "not_a_date",
  "not_a_timestamp",
  "not_an_email",
  "not_a_url",
  "not_in_values",
  "pattern_mismatch",
  "too_short",
  "too_long",
  "too_small",
  "too_large",
  "number_out_of_range",
  "too_many_digits",
  "too_many_decimals",
  "byte_undefined",
  "key_empty",
] as const;

/** The code of an issue that concerns one cell's own value. */
export type CellFaultCode = (typeof CODES)[number];

/** The issue code of a cell's negative answer. */
export function cellFaultCode(fault: number): CellFaultCode {
  return CODES[-fault - 1]!;
}
