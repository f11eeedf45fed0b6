import { isUtf8 } from "node:buffer";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { decodeText, encodeText, invalidUtf8At } from "../scan/encoding.ts";
import { choppedSource } from "../scan/scan-all.test-kit.ts";
import { judgeEncoding } from "./judge-encoding.ts";

const judge = (bytes: Buffer, cuts: number[] = []) => judgeEncoding(choppedSource(bytes, cuts), 0);

describe("the verdict on a whole file", () => {
  it.each<[string, Buffer, string, number | null]>([
    ["ASCII", Buffer.from("abc"), "utf-8", null],
    ["UTF-8", Buffer.from("aé€😀"), "utf-8", null],
    ["one high byte at the very end", Buffer.from("abcdef\xe9", "latin1"), "windows-1252", 6],
    ["Windows-1252 throughout", Buffer.from("\xe4\xf6\xfc na\xefve", "latin1"), "windows-1252", 0],
    ["UTF-8 with one damaged place", Buffer.concat([Buffer.from("é€é"), Buffer.from([0xff])]), "utf-8", 7],
    ["an overlong form", Buffer.from([0xc0, 0xaf]), "windows-1252", 0],
    ["a surrogate", Buffer.from([0x61, 0xed, 0xa0, 0x80]), "windows-1252", 1],
    ["a character cut off at the end", Buffer.from([0x61, 0xe2, 0x82]), "windows-1252", 1],
  ])("%s", async (_, bytes, encoding, firstInvalidUtf8) => {
    for (let cut = 0; cut <= bytes.length; cut += 1) {
      expect(await judge(bytes, [cut])).toEqual({ encoding, firstInvalidUtf8 });
    }
  });

  it("finds the same first bad byte as the platform, however the bytes are cut", async () => {
    const bytes = fc
      .array(
        fc.oneof(
          fc.string({ unit: "binary" }).map((s) => Buffer.from(s.toWellFormed())),
          fc.uint8Array({ maxLength: 3 }),
        ),
        {
          maxLength: 8,
        },
      )
      .map((parts) => Buffer.concat(parts));
    await fc.assert(
      fc.asyncProperty(bytes, fc.array(fc.nat(60)), async (all, cuts) => {
        const { firstInvalidUtf8 } = await judge(all, cuts);
        expect(firstInvalidUtf8 === null).toBe(isUtf8(all));
        if (firstInvalidUtf8 === null) return;
        expect(firstInvalidUtf8).toBe(invalidUtf8At(all));
        expect(isUtf8(all.subarray(0, firstInvalidUtf8))).toBe(true);
      }),
    );
  });
});

describe("Windows-1252", () => {
  it("has one byte for each of its characters, and says when there is none", () => {
    for (let byte = 0; byte < 256; byte += 1) {
      const text = decodeText(Buffer.from([byte]), 0, 1, "windows-1252");
      if (text !== "\ufffd") expect(encodeText(text, "windows-1252")).toEqual(Buffer.from([byte]));
    }
    expect(encodeText("ж", "windows-1252")).toBeUndefined();
    expect(encodeText("\x81", "windows-1252")).toBeUndefined();
  });
});
