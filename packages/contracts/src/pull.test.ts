import { expect, test } from "vitest";
import { systemSchema } from "./pull.ts";

const rest = { connector: "rest", url: "https://erp.spring.example/api" };
const oauth2 = { by: "oauth2", tokenUrl: "https://iris:hush@login.example/token", clientId: "inlet", secret: "key" };

test.each<[string, object, string]>([
  ["an address with a password", { url: "https://iris:hush@erp.spring.example" }, "url"],
  ["a token's address with a password", { auth: oauth2 }, "auth.tokenUrl"],
  ["an authorization header", { headers: { Authorization: "Bearer hush" } }, "headers.Authorization"],
  ["a key in a header", { headers: { "X-API-Key": "hush" } }, "headers.X-API-Key"],
  ["a cookie", { headers: { cookie: "session=hush" } }, "headers.cookie"],
])("%s is no place for a secret", (_what, more, path) => {
  const { error } = systemSchema.safeParse({ ...rest, ...more });
  expect(error?.issues.map((issue) => issue.path.join("."))).toEqual([path]);
  expect(JSON.stringify(error?.issues)).toMatch(/^(?!.*hush).*secret/);
});

test("other headers are sent as they are", () => {
  const headers = { "Accept-Language": "en", "X-CSRF-Token": "fetch" };
  expect(systemSchema.parse({ ...rest, headers })).toMatchObject({ headers });
});
