import { describe, expect, it } from "vitest";
import { identify, MAGIC_BYTES } from "./magic.ts";

const latin1 = (text: string) => Buffer.from(text, "latin1");
const of = (bytes: Uint8Array) => identify(bytes.subarray(0, MAGIC_BYTES), bytes.length);

describe("text is no OpenPGP data, whatever it begins with", () => {
  const rests = ["", "\r\n", "rztin,Name\r\n1,a\r\n", ";b\n1;2\n", "bcd", "b\t1\n", "t,\0\0\0\0", "\u00e9\u00e8t,u"];
  it.each(rests)("a byte from 0x80 on, and %j", (rest) => {
    for (let first = 0x80; first <= 0xff; first += 1) {
      // gzip, xz and old Excel begin with bytes of their own, which these rests do not go on with.
      const text = Buffer.concat([Buffer.from([first]), latin1(rest), latin1("a,b,c\n".repeat(50))]);
      expect(of(text), `byte ${first.toString(16)}`).toBe("plain");
    }
  });

  it("two letters of Windows-1252 or one of UTF-8 at the start", () => {
    for (let first = 0x80; first <= 0xff; first += 1) {
      for (let second = 0x20; second <= 0xff; second += 1) {
        const text = Buffer.concat([Buffer.from([first, second]), latin1("tue,name\r\n1,x\r\n".repeat(40))]);
        expect(of(text), `bytes ${first.toString(16)} ${second.toString(16)}`).toBe("plain");
      }
    }
  });

  it("UTF-16, with a byte order mark and without", () => {
    for (let first = 0xa0; first < 0x3000; first += 1) {
      const text = Buffer.from(`${String.fromCharCode(first)}name;value\r\n${"1;2\r\n".repeat(30)}`, "utf16le");
      expect(of(text), `letter ${first.toString(16)}`).toBe("plain");
      expect(of(Buffer.concat([Buffer.from("\ufeff", "utf16le"), text])), "with a mark").toBe("plain");
      expect(of(Buffer.from(text).swap16()), `letter ${first.toString(16)}, big end first`).toBe("plain");
    }
  });

  it("whatever letters it has, in whatever code", () => {
    const random = randomFrom(20_261_120);
    const alphabets = ["äöüÄÖÜßéèçÂÃ£€", "ΣαβγΩ", "ЖябвЀ", "ąćęłńŚ", "日本語名前", "ïÎÒËÆ™®¯œŒž"];
    for (let turn = 0; turn < 20_000; turn += 1) {
      const letters = [...alphabets[turn % alphabets.length]!, ...'abt,;"\t 19\r\n'];
      const length = 1 + Math.floor(random() * 200);
      const text = Array.from({ length }, () => letters[Math.floor(random() * letters.length)]).join("");
      for (const encoding of ["utf8", "utf16le", "latin1"] as const) {
        const bytes = Buffer.from(text, encoding);
        // Without its first bytes, too, which is where another alphabet's letters begin.
        expect(of(bytes), JSON.stringify(text)).toBe("plain");
        if (encoding === "utf8") expect(of(bytes.subarray(1)), JSON.stringify(text)).toBe("plain");
      }
    }
  });

  it("two bytes and the letters that a literal packet may have", () => {
    for (let first = 0x80; first <= 0xff; first += 1) {
      for (let second = 0x20; second <= 0xff; second += 1) {
        for (const letter of ["b", "t", "u"]) {
          const text = Buffer.concat([Buffer.from([first, second]), latin1(`${letter} one,two\r\n1,2\r\n`)]);
          expect(of(text), `bytes ${first.toString(16)} ${second.toString(16)} ${letter}`).toBe("plain");
        }
      }
    }
  });
});

describe("armour is told", () => {
  it.each([
    ["PGP message", "MESSAGE"],
    ["PGP signed text", "SIGNED MESSAGE"],
    ["PGP public key", "PUBLIC KEY BLOCK"],
    ["PGP private key", "PRIVATE KEY BLOCK"],
    ["PGP signature", "SIGNATURE"],
  ])("%s", (kind, name) => {
    for (const before of ["", "\n\n", "\ufeff", "\ufeff \r\n\t"]) {
      expect(of(Buffer.from(`${before}-----BEGIN PGP ${name}-----\n\n`))).toBe(kind);
    }
  });

  it("and not from a line that only speaks of it", () => {
    expect(of(Buffer.from("note\n-----BEGIN PGP MESSAGE-----\n"))).toBe("plain");
    expect(of(Buffer.from("-----BEGIN PGP MESSAGES\n"))).toBe("plain");
  });
});

/** Mulberry32: the same numbers each time. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}
