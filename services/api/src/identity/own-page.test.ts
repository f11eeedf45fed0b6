import type { FastifyRequest } from "fastify";
import { expect, test } from "vitest";
import { isSecure } from "./own-page.ts";

test.each([
  ["http", undefined, false],
  ["https", undefined, true],
  ["http", "http://127.0.0.1:8080", false],
  ["http", "https://inlet.example.com", true],
  ["http", "HTTPS://Inlet.example.com", true],
] as const)("reached by %s, the console at %s: the cookie is for HTTPS alone: %s", (protocol, told, secure) => {
  expect(isSecure({ protocol } as FastifyRequest, told)).toBe(secure);
});
