import { expect, test } from "vitest";
import { utf8Body } from "./answer-text.ts";

test.each([
  ["application/json", '\ufeff{"name":"Größe"}', "utf8"],
  ["application/json; charset=utf-8", '\ufeff{"name":"Größe"}', "utf8"],
  ["application/json; charset=iso-8859-1", '{"name":"Größe"}', "latin1"],
  ["application/json; charset=utf-16le", '\ufeff{"name":"Größe"}', "utf16le"],
  ["application/json; charset=klingon", '\ufeff{"name":"Größe"}', "utf8"],
] as const)("%s is read as what it is, without a byte order mark", (type, text, encoding) => {
  const body = utf8Body({ headers: { "content-type": type }, body: Buffer.from(text, encoding) });
  expect(JSON.parse(body.toString())).toEqual({ name: "Größe" });
});
