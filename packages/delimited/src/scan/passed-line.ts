import type { Marks } from "./dialect.ts";
import { encodeText } from "./encoding.ts";
import { INCOMPLETE } from "./quoted-field.ts";

/** What a line is, by its first bytes. */
export const RECORD_LINE = 0;
export const COMMENT_LINE = 1;
export const TRAILER_LINE = 2;

/** Tells comment lines and trailers from records. */
export class PassedLine {
  /** 1 for each byte with which a line may begin that is no record. */
  readonly first = new Uint8Array(256);
  readonly #comment: number;
  readonly #trailers: Buffer[];

  constructor(marks: Marks) {
    const { comment = null } = marks;
    this.#comment = comment === null ? -1 : comment.charCodeAt(0);
    this.#trailers = trailersOf(marks);
    if (comment !== null) this.first[this.#comment] = 1;
    for (const trailer of this.#trailers) this.first[trailer[0]!] = 1;
  }

  /** What the line at `at` is, or INCOMPLETE. A trailer goes before a comment, so that `#END` can be one among `#` lines. */
  kindAt(bytes: Buffer, at: number, to: number, final: boolean): number {
    let isCut = false;
    for (const trailer of this.#trailers) {
      const seen = Math.min(trailer.length, to - at);
      if (trailer.compare(bytes, at, at + seen, 0, seen) !== 0) continue;
      if (seen === trailer.length) return TRAILER_LINE;
      isCut = true;
    }
    if (isCut && !final) return INCOMPLETE;
    return bytes[at] === this.#comment ? COMMENT_LINE : RECORD_LINE;
  }
}

/**
 * The bytes with which a trailer may begin: with or without a quote, and in each encoding, since the file's own may not be
 * known yet when the scan begins and must not change what it finds.
 */
function trailersOf({ quote, trailer = null }: Marks): Buffer[] {
  if (trailer === null || trailer === "") return [];
  const texts = quote === null ? [trailer] : [trailer, quote + trailer];
  return texts.flatMap((text) => {
    const utf8 = Buffer.from(text);
    const latin = encodeText(text, "windows-1252");
    return latin === undefined || latin.equals(utf8) ? [utf8] : [utf8, latin];
  });
}
