import { expect, test } from "vitest";
import { directionOf } from "./direction.ts";

test.each([
  ["Hello שלום", "ltr"],
  ["שלום Sarah", "rtl"],
  ["20% — مرحبا", "rtl"],
  ["🎉 123", "ltr"],
  ["", "ltr"],
])("%s is written %s", (text, direction) => {
  expect(directionOf(text)).toBe(direction);
});
