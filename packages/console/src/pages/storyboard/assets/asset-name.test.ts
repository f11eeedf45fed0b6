import { expect, test } from "vitest";
import { assetNameOf } from "./asset-name.ts";

test.each([
  ["cake.webp", "cake.webp"],
  ["Café Crème 1.PNG", "Cafe-Creme-1.png"],
  ["  ../../etc/passwd", "etc-passwd"],
  ["logo (final).svg", "logo-final.svg"],
  ["図.png", "png"],
  ["…", "file"],
])("a file %j is called %j", (file, name) => {
  expect(assetNameOf(file)).toBe(name);
});

test("a name of any length keeps its extension", () => {
  const name = assetNameOf(`${"a".repeat(300)}.jpeg`);
  expect(name).toHaveLength(100);
  expect(name.endsWith("a.jpeg")).toBe(true);
});
