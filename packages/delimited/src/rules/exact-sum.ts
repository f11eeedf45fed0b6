const DOT = 0x2e;
const MINUS = 0x2d;
const ZERO = 0x30;
/** Below this a double holds every whole number, with room for one more addend of the same size. */
const SAFE = 2 ** 52;
/** As many digits are exact in a double, whatever they are. */
const SHORT_DIGITS = 15;

/**
 * Adds up decimal numbers exactly, however many and however long. Numbers of everyday size are added as whole numbers in
 * doubles, counted in the smallest unit that has been met; what gets too large for that moves into a BigInt.
 */
export class ExactSum {
  /** Digits after the dot that `#low` and `#high` are counted in. */
  #scale = 0;
  #low = 0;
  #high = 0n;

  reset(): void {
    this.#scale = 0;
    this.#low = 0;
    this.#high = 0n;
  }

  /**
   * Adds a number as the canonical file writes it: an optional minus, digits, perhaps a dot and digits.
   * @param sign -1 to take it away.
   */
  add(bytes: Uint8Array, from: number, to: number, sign: 1 | -1 = 1): void {
    const negative = bytes[from] === MINUS;
    let i = negative ? from + 1 : from;
    if (to - i > SHORT_DIGITS + 1) {
      this.#addLong(bytes, from, to, sign);
      return;
    }
    let mantissa = 0;
    let dotAt = -1;
    let digits = 0;
    for (; i < to; i += 1) {
      const c = bytes[i]!;
      if (c === DOT) {
        dotAt = i;
      } else {
        mantissa = mantissa * 10 + c - ZERO;
        digits += 1;
      }
    }
    if (mantissa === 0) return;
    const fraction = dotAt === -1 ? 0 : to - dotAt - 1;
    if (fraction > this.#scale) this.#rescale(fraction);
    const counted = fraction === this.#scale ? mantissa : mantissa * 10 ** (this.#scale - fraction);
    if (digits > SHORT_DIGITS || counted > SAFE) {
      this.#addLong(bytes, from, to, sign);
      return;
    }
    this.#low += negative === (sign === 1) ? -counted : counted;
    if (this.#low > SAFE || this.#low < -SAFE) this.#spill();
  }

  /** Adds a number given as text, in the same form; a plus is taken as well. */
  addText(text: string, sign: 1 | -1 = 1): void {
    const bytes = Buffer.from(text.startsWith("+") ? text.slice(1) : text, "latin1");
    this.add(bytes, 0, bytes.length, sign);
  }

  /** Whether the sum is 0, or not farther from it than `tolerance`, a number that is not negative. */
  isWithin(tolerance: ExactSum): boolean {
    if (this.#low === 0 && this.#high === 0n) return true;
    const scale = Math.max(this.#scale, tolerance.#scale);
    const sum = this.#inUnits(scale);
    return (sum < 0n ? -sum : sum) <= tolerance.#inUnits(scale);
  }

  /** The sum as plain digits, without zeros at the fraction's end. */
  toString(): string {
    const units = this.#inUnits(this.#scale);
    const digits = (units < 0n ? -units : units).toString().padStart(this.#scale + 1, "0");
    const whole = digits.slice(0, digits.length - this.#scale);
    const fraction = digits.slice(digits.length - this.#scale).replace(/0+$/, "");
    return `${units < 0n ? "-" : ""}${whole}${fraction === "" ? "" : `.${fraction}`}`;
  }

  #inUnits(scale: number): bigint {
    return (this.#high + BigInt(this.#low)) * powerOfTen(scale - this.#scale);
  }

  #addLong(bytes: Uint8Array, from: number, to: number, sign: 1 | -1): void {
    const text = Buffer.from(bytes.buffer, bytes.byteOffset + from, to - from).toString("latin1");
    const dot = text.indexOf(".");
    const fraction = dot === -1 ? 0 : text.length - dot - 1;
    if (fraction > this.#scale) this.#rescale(fraction);
    const units = BigInt(text.replace(".", "")) * powerOfTen(this.#scale - fraction);
    this.#high += sign === 1 ? units : -units;
  }

  #rescale(scale: number): void {
    const factor = 10 ** (scale - this.#scale);
    if (Math.abs(this.#low) * factor > SAFE || factor === Number.POSITIVE_INFINITY) this.#spill();
    if (this.#low !== 0) this.#low *= factor;
    if (this.#high !== 0n) this.#high *= powerOfTen(scale - this.#scale);
    this.#scale = scale;
  }

  #spill(): void {
    this.#high += BigInt(this.#low);
    this.#low = 0;
  }
}

const powers = new Map<number, bigint>();

function powerOfTen(exponent: number): bigint {
  let power = powers.get(exponent);
  if (power === undefined) {
    power = 10n ** BigInt(exponent);
    // A hostile file may ask for thousands of different ones, each of kilobytes.
    if (powers.size >= 100) powers.clear();
    powers.set(exponent, power);
  }
  return power;
}
