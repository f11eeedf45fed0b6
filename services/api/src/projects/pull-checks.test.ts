import { profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { secretsOf } from "./profile-checks.ts";
import { pullProblems } from "./pull-checks.ts";

const buildProfile = (system: object, schedule?: object) =>
  profileSchema.parse({
    client: "iris",
    project: "shop",
    source: {
      kind: "pull",
      system,
      schedule,
      pulls: [
        {
          table: "items",
          resource: "items",
          ...((system as { connector: string }).connector === "rest" && { rest: { count: { in: "header" } } }),
        },
      ],
    },
    tables: [{ name: "items", key: ["code"], mode: "replace", columns: [{ name: "code" }] }],
  });
const sap = {
  connector: "sap_business_one",
  url: "https://erp.iris.example/b1s/v2",
  company: "IRIS",
  username: "inlet",
};
const found = (profile: ReturnType<typeof buildProfile>) =>
  pullProblems(profile, new Date("2026-11-20T09:00:00Z")).map(({ path, message }) => [path.join("."), message]);

test("a system that is set up well has no problems, and its secret is among those that the profile needs", () => {
  const profile = buildProfile({ ...sap, secret: "erp_password" }, { at: "daily 06:00", timezone: "Europe/Berlin" });
  expect(found(profile)).toEqual([]);
  expect(secretsOf(profile)).toEqual(["erp_password"]);
  const rest = { connector: "rest", url: "https://api.iris.example", auth: { by: "bearer", secret: "api_token" } };
  expect(secretsOf(buildProfile(rest))).toEqual(["api_token"]);
  expect(secretsOf(buildProfile({ connector: "rest", url: "https://api.iris.example" }))).toEqual([]);
});

test("what cannot work is named with its path", () => {
  expect(found(buildProfile({ ...sap, secret: "p", url: "https://erp.iris.example/" }, { at: "0 0 30 2 *" }))).toEqual([
    ["source.system.url", expect.stringContaining("/b1s/v1")],
    ["source.schedule.at", expect.stringContaining("never comes")],
  ]);
  const rest = {
    connector: "rest",
    url: "https://api.iris.example?key=1",
    tls: { ca: "-----BEGIN CERTIFICATE-----\nno\n-----END CERTIFICATE-----" },
    auth: { by: "oauth2", tokenUrl: "https://login.iris.example/token?key=1", clientId: "inlet", secret: "p" },
    headers: { Host: "other", Accept: "application/json" },
  };
  expect(found(buildProfile(rest))).toEqual([
    ["source.system.url", expect.stringContaining("ends where its path ends")],
    ["source.system.tls.ca", expect.stringContaining("PEM")],
    ["source.system.auth.tokenUrl", expect.stringContaining("ends where its path ends")],
    ["source.system.headers.Host", expect.stringContaining("by itself")],
  ]);
});

test("the secrets of a catalog's subscribers are among those that the profile needs", () => {
  const subscribers = [{ name: "shop", use: "rest", secrets: { secret: "shop_token" } }];
  const profile = profileSchema.parse({
    ...buildProfile({ ...sap, secret: "erp_password" }),
    catalogs: [{ table: "items", subscribers }],
  });
  expect(secretsOf(profile)).toEqual(["erp_password", "shop_token"]);
});
