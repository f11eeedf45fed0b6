/**
 * Copies short stretches of bytes, eight at a time: a call into the runtime costs more than such a stretch. Up to seven
 * bytes more than asked for are read and written, so there must be room for them on both sides (see SLACK_BYTES).
 */
export class WideCopy {
  #source: Uint8Array = NOTHING;
  #target: Uint8Array = NOTHING;
  #from = viewOf(NOTHING);
  #to = viewOf(NOTHING);

  /** Copies the bytes of `source` between `from` and `to` to `position` of `target`; returns the position after them. */
  copy(source: Uint8Array, from: number, to: number, target: Uint8Array, position: number): number {
    if (this.#source !== source) {
      this.#source = source;
      this.#from = viewOf(source);
    }
    if (this.#target !== target) {
      this.#target = target;
      this.#to = viewOf(target);
    }
    const read = this.#from;
    const written = this.#to;
    const shift = position - from;
    for (let i = from; i < to; i += 8) written.setBigUint64(i + shift, read.getBigUint64(i, true), true);
    return to + shift;
  }
}

const NOTHING = new Uint8Array(0);

function viewOf({ buffer, byteOffset, length }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, length);
}
