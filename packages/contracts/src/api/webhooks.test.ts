import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { newWebhookSchema, webhookSecretSchema } from "./webhooks.ts";

const isTaken = (url: string) => newWebhookSchema.safeParse({ url, events: ["batch.completed"] }).success;

test.each([
  "https://example.com",
  "https://example.com:8443/inlet?team=7",
  "http://10.1.2.3/hook",
  "https://[2001:db8::1]/",
])("%s may be told of events", (url) => {
  expect(isTaken(url)).toBe(true);
});

test.each([
  "",
  "example.com",
  "/hook",
  "ftp://example.com",
  "javascript:alert(1)",
  "file:///etc/passwd",
  "https://",
  "https://me:secret@example.com/",
  "https://me@example.com/",
  "https://example.com/#part",
  `https://example.com/${"a".repeat(2_000)}`,
])("%s is refused", (url) => {
  expect(isTaken(url)).toBe(false);
});

test("an event is named once, and there is at least one", () => {
  const events = ["batch.completed", "run.reported", "batch.completed"] as const;
  expect(newWebhookSchema.parse({ url: "https://example.com", events: [...events] }).events).toEqual([
    "batch.completed",
    "run.reported",
  ]);
  expect(newWebhookSchema.safeParse({ url: "https://example.com", events: [] }).success).toBe(false);
  expect(newWebhookSchema.safeParse({ url: "https://example.com", events: ["ping"] }).success).toBe(false);
});

test.each([23, 24, 25, 26, 63, 64, 65])("a secret of %d bytes", (bytes) => {
  const isRight = bytes >= 24 && bytes <= 64;
  const text = randomBytes(bytes).toString("base64");
  expect(webhookSecretSchema.safeParse(`whsec_${text}`).success).toBe(isRight);
  expect(webhookSecretSchema.safeParse(`whsec_${text.replaceAll("=", "")}`).success).toBe(isRight);
  expect(webhookSecretSchema.safeParse(text).success).toBe(false);
});
