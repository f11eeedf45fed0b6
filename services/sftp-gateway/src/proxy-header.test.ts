import { expect, test } from "vitest";
import { readProxyHeader } from "./proxy-header.ts";

const v2 = (command: number, family: number, body: string) => {
  const bytes = Buffer.from(body, "hex");
  const head = Buffer.from("0d0a0d0a000d0a515549540a00000000", "hex");
  head[12] = command;
  head[13] = family;
  head.writeUInt16BE(bytes.length, 14);
  return Buffer.concat([head, bytes]);
};
const IPV4_BODY = "c0000207c6336401d43100160304";
const IPV6_BODY = `20010db8${"00".repeat(11)}01${"00".repeat(15)}02d4310016`;

test.each([
  ["version 1, IPv4", Buffer.from("PROXY TCP4 192.0.2.7 198.51.100.1 54321 22\r\n"), "192.0.2.7"],
  ["version 1, IPv6", Buffer.from("PROXY TCP6 2001:db8::1 2001:db8::2 54321 22\r\n"), "2001:db8::1"],
  ["version 1, a health check", Buffer.from("PROXY UNKNOWN\r\n"), undefined],
  ["version 2, IPv4 with an extra", v2(0x21, 0x11, IPV4_BODY), "192.0.2.7"],
  ["version 2, IPv6", v2(0x21, 0x21, IPV6_BODY), "2001:db8:0:0:0:0:0:1"],
  ["version 2, a health check", v2(0x20, 0, ""), undefined],
])("%s: whole, in pieces, and with the client's bytes behind it", (_, header, address) => {
  const followed = Buffer.concat([header, Buffer.from("SSH-2.0-x\r\n")]);
  expect(readProxyHeader(followed)).toEqual({ address, length: header.length });
  for (let end = 0; end < header.length; end++) expect(readProxyHeader(header.subarray(0, end)), `${end}`).toBe("more");
});

test.each([
  ["SSH itself", Buffer.from("SSH-2.0-OpenSSH_9.2\r\n")],
  ["a line without end", Buffer.from(`PROXY TCP4 ${"1".repeat(200)}`)],
  ["an unknown family", Buffer.from("PROXY UDP4 192.0.2.7 198.51.100.1 1 2\r\n")],
  ["another version", v2(0x31, 0x11, IPV4_BODY)],
  ["a Unix socket", v2(0x21, 0x31, "00".repeat(216))],
  ["an address cut short", v2(0x21, 0x11, "c0000207")],
  ["a header of 64 KB", Buffer.concat([v2(0x21, 0x11, "00").subarray(0, 14), Buffer.from("ffff", "hex")])],
])("%s is no header", (_, bytes) => {
  expect(readProxyHeader(bytes)).toBeUndefined();
});
