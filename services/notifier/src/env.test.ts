import { expect, test } from "vitest";
import { env } from "./env.ts";

const complete = {
  HEALTH_PORT: "9000",
  DATABASE_URL: "postgres://127.0.0.1/inlet",
  REDIS_URL: "redis://127.0.0.1",
  INLET_DATA: "/data",
  INLET_KEY: Buffer.alloc(32).toString("base64"),
  SMTP_URL: "smtp://127.0.0.1:1025",
  MAIL_FROM: "Inlet, the hub <inlet@localhost>",
};

test.each([
  ["Inlet <inlet@example.com>", { name: "Inlet", address: "inlet@example.com" }],
  ['"Inlet, the hub" <inlet@localhost>', { name: "Inlet, the hub", address: "inlet@localhost" }],
  ["inlet@example.com", { name: "", address: "inlet@example.com" }],
])("MAIL_FROM %s", (text, sender) => {
  expect(env({ ...complete, MAIL_FROM: text }).MAIL_FROM).toEqual(sender);
});

test.each(["nobody", "a@example.com, b@example.com", "a@example.com\r\nBcc: b@example.com", ""])(
  "MAIL_FROM %j is refused",
  (text) => {
    expect(() => env({ ...complete, MAIL_FROM: text })).toThrow(/MAIL_FROM: one address/);
  },
);

test("every problem is told at once, and no password", () => {
  const faulty = { ...complete, MAIL_FROM: "x", SMTP_URL: "smtp://me:hunter2@host?x=1" };
  expect(() => env(faulty)).toThrow(/SMTP_URL knows no setting "x".*MAIL_FROM/s);
  expect(() => env(faulty)).not.toThrow(/hunter2/);
});
