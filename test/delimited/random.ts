/** Random numbers that come again with the same seed. */
export interface Random {
  /** From 0 to `below - 1`. */
  int(below: number): number;
  /** True this many times out of a hundred. */
  chance(percent: number): boolean;
  pick<T>(from: readonly T[]): T;
  /** So many of `make`. */
  list<T>(count: number, make: (index: number) => T): T[];
  bytes(count: number): Buffer;
}

/** Mulberry32: 32 bits of state, good enough to choose inputs. Seeds that differ in one bit give unrelated sequences. */
export function random(seed: number): Random {
  let state = mix(seed >>> 0);
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    return mix(state) / 0x1_0000_0000;
  };
  const int = (below: number) => Math.floor(next() * below);
  return {
    int,
    chance: (percent) => next() * 100 < percent,
    pick: (from) => from[int(from.length)]!,
    list: (count, make) => Array.from({ length: count }, (_, index) => make(index)),
    bytes: (count) => {
      const bytes = Buffer.allocUnsafe(count);
      for (let i = 0; i < count; i += 1) bytes[i] = int(256);
      return bytes;
    },
  };
}

function mix(value: number): number {
  let t = Math.imul(value ^ (value >>> 15), value | 1);
  t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
  return (t ^ (t >>> 14)) >>> 0;
}
