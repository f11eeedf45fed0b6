import { expect, test } from "vitest";
import { hashPassword, verifyPassword } from "./password.ts";

const stored = await hashPassword("corréct horse");

test("a password matches its own hash and no other does", async () => {
  expect(await verifyPassword("corréct horse", stored)).toBe(true);
  expect(await verifyPassword("correct horse", stored)).toBe(false);
  expect(await verifyPassword("", stored)).toBe(false);
});

test("a decomposed accent is the same password", async () => {
  expect(await verifyPassword("corre\u0301ct horse", stored)).toBe(true);
});

test("two hashes of one password differ, and none holds it", async () => {
  const other = await hashPassword("corréct horse");
  expect(other).not.toBe(stored);
  expect(stored).toMatch(/^scrypt\$32768\$8\$3\$[A-Za-z0-9+/=]{24}\$[A-Za-z0-9+/=]{44}$/);
});

test.each([
  "",
  "corréct horse",
  "bcrypt$32768$8$3$c2FsdA==$aGFzaA==",
  stored.replace("$32768$", "$32767$"),
  stored.replace("$32768$", "$1073741824$"),
  stored.replace("$3$", "$900$"),
  stored.replace("$3$", "$x$"),
  stored.slice(0, stored.lastIndexOf("$") + 1),
])("a stored text that is no hash of ours matches nothing: %s", async (text) => {
  expect(await verifyPassword("corréct horse", text)).toBe(false);
});
