import { expect, test } from "vitest";
import { whyAutomatic } from "./automatic.ts";
import { readFacts } from "./mail-facts.ts";

const why = (header: string, envelopeFrom: string | null = "data@client.example") =>
  whyAutomatic(
    readFacts(Buffer.from(`From: data@client.example\r\n${header}\r\n\r\n`)),
    { envelopeFrom },
    "hub.example",
  );

test.each([
  "Subject: data",
  "Auto-Submitted: no",
  "Auto-Submitted: No ; comment=x",
  "Precedence: first-class",
  "List-Unsubscribe: <mailto:x@esp.example>",
  "Message-ID: <1@client.example>",
  "Message-ID: <1@hub.example>",
  `Message-ID: <${"a1".repeat(20)}@nothub.example>`,
])("%s: sent by a person or their system", (header) => {
  expect(why(header)).toBeUndefined();
});

test.each([
  ["Auto-Submitted: auto-replied", "Auto-Submitted: auto-replied"],
  ["auto-submitted: auto-generated; x=y", "Auto-Submitted: auto-generated"],
  ["Precedence: BULK", "Precedence: bulk"],
  ["Precedence: list", "Precedence: list"],
  ["List-Id: <data.client.example>", "list-id"],
  ["X-Autoreply: yes", "x-autoreply"],
  ["Content-Type: multipart/report; report-type=delivery-status", "a report"],
  [`Message-ID: <${"a1".repeat(20)}@Hub.example>`, "our own mail"],
])("%s: automatic", (header, reason) => {
  expect(why(header)).toBe(reason);
});

test("a null return path is automatic, in the envelope or in the header", () => {
  expect(why("Subject: x", "")).toBe("null return path");
  expect(why("Return-Path: <>", null)).toBe("null return path");
  expect(why("Return-Path: <data@client.example>", null)).toBeUndefined();
});
