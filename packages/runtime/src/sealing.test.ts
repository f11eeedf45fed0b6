import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { seal, unseal } from "./sealing.ts";

const key = randomBytes(32);

test("a sealed secret opens again under its key and context", () => {
  const sealed = seal(key, Buffer.from("hunter2"), "secret:7");
  expect(unseal(key, sealed, "secret:7").toString()).toBe("hunter2");
  expect(sealed.includes(Buffer.from("hunter2"))).toBe(false);
});

test.each([
  ["another key", () => unseal(randomBytes(32), seal(key, Buffer.from("x"), "secret:7"), "secret:7")],
  ["another client's context", () => unseal(key, seal(key, Buffer.from("x"), "secret:7"), "secret:8")],
  [
    "a changed byte",
    () => {
      const sealed = seal(key, Buffer.from("x"), "secret:7");
      sealed[sealed.length - 1]! ^= 1;
      return unseal(key, sealed, "secret:7");
    },
  ],
])("a sealed secret does not open under %s", (_, open) => {
  expect(open).toThrow(/cannot be opened/);
});
