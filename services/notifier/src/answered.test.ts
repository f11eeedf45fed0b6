import { expect, test } from "vitest";
import { answeredId, replySubject } from "./answered.ts";

test.each([
  ["Data of November", "Re: Data of November"],
  ["Re: Data of November", "Re: Data of November"],
  ["AW: RE[2]: Data", "Re: Data"],
  ["Report: Data", "Re: Report: Data"],
  ["a\r\nBcc: victim@example.com", "Re: a Bcc: victim@example.com"],
  ["a\u202evsc.exe", "Re: a\ufffdvsc.exe"],
  ["", "Re: data.csv"],
  ["Re:", "Re: data.csv"],
])("%j is answered under %j", (subject, expected) => {
  expect(replySubject(subject, "data.csv")).toBe(expected);
});

test("a long subject is cut, whatever it is made of", () => {
  expect([...replySubject("👍".repeat(2000), "x")]).toHaveLength(120);
  expect([...replySubject("Re: ".repeat(2000), "x")].length).toBeLessThanOrEqual(120);
});

test.each([
  ["<CAF=x.y-1@mail.example.com>", "<CAF=x.y-1@mail.example.com>"],
  [" <a@b> ", "<a@b>"],
  ["<a@b>\r\nBcc: victim@example.com", undefined],
  ["<a b@c>", undefined],
  ["<a@b> <c@d>", undefined],
  ["<ä@b>", undefined],
  ["a@b", undefined],
  [`<${"a".repeat(300)}@b>`, undefined],
  ["", undefined],
  [null, undefined],
])("the Message-ID %j is referred to as %j", (messageId, expected) => {
  expect(answeredId(messageId)).toBe(expected);
});
