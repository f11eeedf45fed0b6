/** What {@link KeySet.add} answers for a key that it had not met. */
export const NEW_KEY = -1;
/** What it answers for a known key whose line it no longer keeps. */
export const LINE_UNKNOWN = 0;

const PARTITION_BITS = 6;
const PARTITIONS = 1 << PARTITION_BITS;
/** Linear probing over a sequential stretch of memory stays quick up to here. */
const MOST_LOAD = 0.8;
/** Above this many keys the lines are given up, so that 10 million keys fit into some 90 MB. */
const KEYS_WITH_LINES = 5_000_000;
const TWO_32 = 0x1_0000_0000;

/**
 * One part of the hash space. A slot holds the hash's second half and 16 bits of its first; both 0: free. With the partition
 * and the place in it, that is as good as 54 bits and more.
 */
interface Partition {
  slots: number;
  used: number;
  seconds: Uint32Array;
  tags: Uint16Array;
  lines: Uint32Array | undefined;
}

/**
 * The 64-bit hashes of all keys met so far, with the line of the first that had it. Open addressing in typed arrays, in
 * partitions that grow one at a time, each at another moment. Slots are in the order of the hash, so a partition grows in
 * one sequential pass.
 */
export class KeySet {
  readonly #partitions: Partition[] = Array.from({ length: PARTITIONS }, (_, index) =>
    createPartition(Math.round(16 * 2 ** (index / PARTITIONS)), true),
  );
  size = 0;

  /**
   * Adds a key by its hash.
   * @returns NEW_KEY; or the line of the first record that had the same hash; or LINE_UNKNOWN in a very large set. What it
   * takes for known may be new after all, about once in a million sets of 10 million keys.
   */
  add(h1: number, h2: number, line: number): number {
    const index = h1 >>> (32 - PARTITION_BITS);
    let partition = this.#partitions[index]!;
    if (partition.used >= partition.slots * MOST_LOAD) {
      partition = grown(partition, this.size <= KEYS_WITH_LINES);
      this.#partitions[index] = partition;
    }
    const { seconds, tags, lines } = partition;
    const slot = findSlot(partition, h1, h2);
    if (seconds[slot] !== 0 || tags[slot] !== 0) return lines === undefined ? LINE_UNKNOWN : lines[slot]!;
    seconds[slot] = h2;
    tags[slot] = tagOf(h1, h2);
    if (lines !== undefined) lines[slot] = line;
    partition.used += 1;
    this.size += 1;
    return NEW_KEY;
  }

  /** Whether a key with this hash was added. */
  has(h1: number, h2: number): boolean {
    const partition = this.#partitions[h1 >>> (32 - PARTITION_BITS)]!;
    const slot = findSlot(partition, h1, h2);
    return partition.seconds[slot] !== 0 || partition.tags[slot] !== 0;
  }
}

function createPartition(slots: number, keepsLines: boolean): Partition {
  return {
    slots,
    used: 0,
    seconds: new Uint32Array(slots),
    tags: new Uint16Array(slots),
    lines: keepsLines ? new Uint32Array(slots) : undefined,
  };
}

/** The slot that has the hash, or the free one where it belongs. */
function findSlot({ slots, seconds, tags }: Partition, h1: number, h2: number): number {
  const second = h2 >>> 0;
  const tag = tagOf(h1, h2);
  let slot = Math.floor((second * slots) / TWO_32);
  for (;;) {
    const a = seconds[slot]!;
    const b = tags[slot]!;
    if ((a === second && b === tag) || (a === 0 && b === 0)) return slot;
    slot += 1;
    if (slot === slots) slot = 0;
  }
}

/** 16 bits of the first half that the partition does not stand for; never 0 together with the second half. */
function tagOf(h1: number, h2: number): number {
  const tag = h1 & 0xffff;
  return tag === 0 && h2 === 0 ? 1 : tag;
}

function grown(partition: Partition, mayKeepLines: boolean): Partition {
  const { slots, used, seconds, tags } = partition;
  const lines = mayKeepLines ? partition.lines : undefined;
  // Small sets grow fast, large ones in small steps: memory counts there.
  const larger = createPartition(Math.ceil(slots * (slots < 32_768 ? 2 : 1.25)), lines !== undefined);
  for (let old = 0; old < slots; old += 1) {
    const second = seconds[old]!;
    const tag = tags[old]!;
    if (second === 0 && tag === 0) continue;
    let slot = Math.floor((second * larger.slots) / TWO_32);
    while (larger.seconds[slot] !== 0 || larger.tags[slot] !== 0) {
      slot += 1;
      if (slot === larger.slots) slot = 0;
    }
    larger.seconds[slot] = second;
    larger.tags[slot] = tag;
    if (lines !== undefined) larger.lines![slot] = lines[old]!;
  }
  larger.used = used;
  return larger;
}
