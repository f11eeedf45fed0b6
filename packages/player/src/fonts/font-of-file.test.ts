import { expect, test } from "vitest";
import { fontOfFile } from "./font-of-file.ts";

test("a built file's name tells family, weight and letters", () => {
  expect(fontOfFile("inter-latin-ext-700-normal-Ca8adRJv.woff2")).toMatchObject({
    family: "Inter",
    bold: true,
    unicodeRange: expect.stringContaining("U+0100-02BA"),
  });
  expect(fontOfFile("jetbrains-mono-latin-400-normal-x.woff2")).toMatchObject({
    family: "JetBrains Mono",
    bold: false,
  });
  expect(fontOfFile("player-DRjR5rsg.js")).toBeUndefined();
});
