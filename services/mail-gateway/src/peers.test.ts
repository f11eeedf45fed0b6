import { expect, test } from "vitest";
import { openPeers } from "./peers.ts";

const limits = { connections: 2, messagesPerMinute: 3 };

test("an address has so many connections at once, and others have their own", () => {
  const peers = openPeers(limits);
  expect([peers.enter("192.0.2.1", "a"), peers.enter("192.0.2.1", "b"), peers.enter("192.0.2.1", "c")]).toEqual([
    true,
    true,
    false,
  ]);
  expect(peers.enter("192.0.2.2", "d")).toBe(true);
  // One that was refused takes nobody's place with it.
  peers.leave("192.0.2.1", "c");
  expect(peers.enter("192.0.2.1", "e")).toBe(false);
  peers.leave("192.0.2.1", "a");
  expect(peers.enter("192.0.2.1", "f")).toBe(true);
});

test("an IPv4 address is the same in IPv6's clothes, and an IPv6 network is one", () => {
  const peers = openPeers({ connections: 1, messagesPerMinute: 1 });
  peers.enter("192.0.2.1", "a");
  expect(peers.enter("::ffff:192.0.2.1", "b")).toBe(false);
  peers.enter("2001:db8::1", "c");
  expect(peers.enter("2001:db8::2", "d")).toBe(false);
  expect(peers.enter("2001:db8:0:1::1", "e")).toBe(true);
});

test("an address has so many messages a minute", () => {
  let now = 0;
  const peers = openPeers(limits, () => now);
  const send = () => peers.countMessage("192.0.2.1");
  expect([send(), send(), send(), send()]).toEqual([true, true, true, false]);
  expect(peers.countMessage("192.0.2.2")).toBe(true);
  now = 60_000;
  expect(send()).toBe(true);
});
