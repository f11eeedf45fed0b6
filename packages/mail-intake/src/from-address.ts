import { StructuredValue } from "./structured-value.ts";

const ADDRESS =
  /[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(?:\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+/;

/**
 * The one address of a From field, as it is written. Undefined for anything that two programs might read in two ways: several
 * addresses, groups, quoted local parts, addresses that are not ASCII.
 * @param value of the field, unfolded
 */
export function readFromAddress(value: string): string | undefined {
  const rest = new StructuredValue(value);
  const isBare = !value.includes("<") && !value.includes('"');
  if (!isBare && !skipDisplayName(rest)) return undefined;
  if (!rest.skipBlanks()) return undefined;
  const address = rest.match(ADDRESS);
  if (address === undefined) return undefined;
  if (!isBare && !rest.take(">")) return undefined;
  return rest.skipBlanks() && rest.isAtEnd ? address : undefined;
}

/** Up to and with the `<`. An `@` in an unquoted name is not allowed (RFC 5322), and common. */
function skipDisplayName(rest: StructuredValue): boolean {
  for (;;) {
    if (!rest.skipBlanks()) return false;
    if (rest.take("<")) return true;
    if (rest.quoted() === undefined && rest.match(/[^\s"()<>,:;\\]+/) === undefined) return false;
  }
}
