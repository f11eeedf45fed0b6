import { expect, test } from "vitest";
import { env } from "./env.ts";

const given = {
  HEALTH_PORT: "9100",
  INLET_DATA: "/data",
  DATABASE_URL: "postgres://x@localhost/inlet",
  REDIS_URL: "redis://localhost",
};

test("what Compose passes on as an empty text is not set", () => {
  const empty = { MAIL_HOSTNAME: "", MAIL_DNS: "", MAIL_TLS_CERT_FILE: "", MAIL_TLS_KEY_FILE: "", MAIL_FROM: "" };
  const read = env({ ...given, ...empty });
  expect(read).toMatchObject({ MAIL_DOMAINS: ["localhost"], MAIL_SHARED_ADDRESSES: ["files"], MAIL_DNS: [] });
  expect([read.MAIL_HOSTNAME, read.MAIL_TLS_CERT_FILE, read.MAIL_FROM]).toEqual([undefined, undefined, undefined]);
  expect(read.MAIL_REQUIRE_TLS).toBe(true);
});

test("lists are in lower case; no shared address at all is a choice", () => {
  const read = env({ ...given, MAIL_DOMAINS: "Files.Example.com, b.example", MAIL_SHARED_ADDRESSES: "-" });
  expect(read.MAIL_DOMAINS).toEqual(["files.example.com", "b.example"]);
  expect(read.MAIL_SHARED_ADDRESSES).toEqual([]);
});

test.each(["192.0.2.53", "192.0.2.53:5353", "[2001:db8::53]:53", "2001:db8::53"])("%s is a name server", (MAIL_DNS) => {
  expect(env({ ...given, MAIL_DNS }).MAIL_DNS).toEqual([MAIL_DNS]);
});

test.each([
  { MAIL_DNS: "resolver.example" },
  { MAIL_DOMAINS: "a@b.example" },
  { MAIL_DOMAINS: "," },
  { MAIL_SHARED_ADDRESSES: "files@b.example" },
  { MAIL_TLS_CERT_FILE: "/cert.pem" },
  { MAIL_REQUIRE_TLS: "maybe" },
])("%j is a mistake that stops the start", (wrong) => {
  expect(() => env({ ...given, ...wrong })).toThrow(Object.keys(wrong)[0]);
});
