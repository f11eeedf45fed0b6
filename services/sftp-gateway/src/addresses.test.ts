import { expect, test } from "vitest";
import { listHolds, normaliseAddress, scoreKey, unreadableCidrs } from "./addresses.ts";

test.each([
  ["::ffff:10.1.2.3", "10.1.2.3"],
  ["::FFFF:0a01:0203", "10.1.2.3"],
  ["10.1.2.3", "10.1.2.3"],
  ["fe80::1%eth0", "fe80::1"],
  ["2001:DB8:0:0::1", "2001:db8::1"],
])("%s is normalised to %s", (address, normalised) => {
  expect(normaliseAddress(address)).toBe(normalised);
});

test.each([
  ["10.0.0.0/8", "10.1.2.3", true],
  ["10.0.0.0/8", "11.1.2.3", false],
  ["10.0.0.0/8", "::ffff:10.1.2.3", true],
  ["::ffff:10.0.0.0/104", "10.1.2.3", true],
  ["::ffff:10.0.0.0/104", "11.1.2.3", false],
  ["::/0", "10.1.2.3", false],
  ["::ffff:0:0/90", "10.1.2.3", false],
  ["0.0.0.0/0", "2001:db8::1", false],
  ["2001:db8::/32", "2001:db8::1", true],
  ["2001:db8::/32", "2001:db9::1", false],
  ["192.0.2.7", "192.0.2.7", true],
  ["192.0.2.7", "192.0.2.8", false],
  [" 192.0.2.0/24 ", "192.0.2.8", true],
  ["10.0.0.0/33", "10.0.0.1", false],
  ["anywhere", "10.0.0.1", false],
  ["", "10.0.0.1", false],
])("%s holds %s: %s", (cidr, address, held) => {
  expect(listHolds([cidr], address)).toBe(held);
});

test("a list that nobody can read lets nobody in, and is named", () => {
  expect(listHolds(["10.0.0.0/8x", "nonsense"], "10.0.0.1")).toBe(false);
  expect(unreadableCidrs(["10.0.0.0/8x", "10.0.0.0/8"])).toEqual(["10.0.0.0/8x"]);
});

test("IPv6 addresses of one network share a score", () => {
  expect(scoreKey("2001:db8::1")).toBe(scoreKey("2001:db8::ffff:1"));
  expect(scoreKey("2001:db8::1")).not.toBe(scoreKey("2001:db8:0:1::1"));
  expect(scoreKey("::ffff:192.0.2.1")).toBe("192.0.2.1");
});
