import { COUNTRIES } from "./tables.ts";

const INTEGER = /^[+-]?\d+$/;
const DECIMAL = /^[+-]?\d{1,10}(?:\.\d{1,2})?$/;
const DATE = /^(\d{4})-(\d\d)-(\d\d)$/;
const TIMESTAMP = /^(\d{4})-(\d\d)-(\d\d)[T ]([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.\d+)?$/;
const BOOLEANS = new Set(["true", "false", "t", "f", "yes", "no", "y", "n", "1", "0"]);
const COUNTRY_SET: ReadonlySet<string> = new Set(COUNTRIES);
const DAYS = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/**
 * The checks of the `check` table in plain code, as one writes them on top of a CSV library: for the peers that only cut
 * text into cells. It counts; it keeps no message, line or offset.
 */
export class PlainCheck {
  readonly #ids = new Set<string>();
  #isHeader = true;
  records = 0;
  rejected = 0;

  /** Takes the next row; the first one is the header. */
  row(cells: readonly string[]): void {
    if (this.#isHeader) {
      this.#isHeader = false;
      return;
    }
    this.records += 1;
    if (!this.#isGood(cells)) this.rejected += 1;
  }

  #isGood(cells: readonly string[]): boolean {
    if (cells.length !== 10) return false;
    const [id, name, , country, signedUp, amount, orders, active, updatedAt] = cells as string[];
    if (!INTEGER.test(id!) || name === "") return false;
    if (this.#ids.has(id!)) return false;
    this.#ids.add(id!);
    return (
      (country === "" || COUNTRY_SET.has(country!)) &&
      isDay(DATE.exec(signedUp!)) &&
      (amount === "" || DECIMAL.test(amount!)) &&
      (orders === "" || INTEGER.test(orders!)) &&
      (active === "" || BOOLEANS.has(active!.toLowerCase())) &&
      (updatedAt === "" || isDay(TIMESTAMP.exec(updatedAt!)))
    );
  }
}

function isDay(match: RegExpExecArray | null): boolean {
  if (match === null) return false;
  const year = Number(match[1]);
  const month = Number(match[2]);
  const day = Number(match[3]);
  if (month < 1 || month > 12 || day < 1) return false;
  const isLeap = month === 2 && year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return day <= DAYS[month - 1]! + (isLeap ? 1 : 0);
}
