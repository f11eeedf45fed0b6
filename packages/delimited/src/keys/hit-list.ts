/** The hashes of keys that came again, two words each; a key that came three times is here twice. */
export class HitList {
  readonly #chunks: Uint32Array[] = [];
  size = 0;

  add(h1: number, h2: number): void {
    const at = (this.size % HITS_PER_CHUNK) * 2;
    if (at === 0) this.#chunks.push(new Uint32Array(this.size === 0 ? 64 : HITS_PER_CHUNK * 2));
    let chunk = this.#chunks.at(-1)!;
    if (at === chunk.length) {
      const larger = new Uint32Array(HITS_PER_CHUNK * 2);
      larger.set(chunk);
      chunk = larger;
      this.#chunks[this.#chunks.length - 1] = chunk;
    }
    chunk[at] = h1;
    chunk[at + 1] = h2;
    this.size += 1;
  }

  forEach(look: (h1: number, h2: number) => void): void {
    let left = this.size;
    for (const chunk of this.#chunks) {
      for (let at = 0; at < chunk.length && left > 0; at += 2, left -= 1) look(chunk[at]!, chunk[at + 1]!);
    }
  }
}

const HITS_PER_CHUNK = 64 * 1024;
