/** Record numbers of one file, a bit each: a hundred million of them take 12 MB. */
export class RecordSet {
  #bits = new Uint8Array(1024);
  /** How many numbers are in it. */
  size = 0;

  add(record: number): void {
    const place = Math.floor(record / 8);
    if (place >= this.#bits.length) {
      const larger = new Uint8Array(Math.max(this.#bits.length * 2, place + 1));
      larger.set(this.#bits);
      this.#bits = larger;
    }
    const bit = 1 << (record % 8);
    if ((this.#bits[place]! & bit) !== 0) return;
    this.#bits[place]! |= bit;
    this.size += 1;
  }

  has(record: number): boolean {
    return ((this.#bits[Math.floor(record / 8)] ?? 0) & (1 << (record % 8))) !== 0;
  }
}

const LF = 10;
const TAB = 9;
const ZERO = 0x30;

/** Adds the numbers of all records of a canonical file, which may come in chunks of any size. */
export async function addCanonicalRecords(chunks: AsyncIterable<Uint8Array>, records: RecordSet): Promise<void> {
  let record = 0;
  /** In the number at the beginning of a line. */
  let inNumber = true;
  for await (const chunk of chunks) {
    let i = 0;
    while (i < chunk.length) {
      if (inNumber) {
        const byte = chunk[i]!;
        i += 1;
        if (byte !== TAB) {
          record = record * 10 + byte - ZERO;
          continue;
        }
        records.add(record);
        record = 0;
        inNumber = false;
      }
      const end = chunk.indexOf(LF, i);
      if (end === -1) break;
      i = end + 1;
      inNumber = true;
    }
  }
}
