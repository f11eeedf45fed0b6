import { expect, test } from "vitest";
import { openRemoteNetwork } from "./network.ts";

const own = ["postgres://inlet:secret@10.0.0.5/inlet", "redis://10.0.0.6:6399"];
const at = (host: string, { allowed = [] as string[], port = 22 } = {}) =>
  openRemoteNetwork({ allowed, own }).addressesOf({ host, port });

test.each([
  "127.0.0.1",
  "127.1",
  "2130706433",
  "localhost",
  "::1",
  "::",
  "0.0.0.0",
  "::ffff:127.0.0.1",
  "::ffff:a9fe:a9fe",
  "169.254.169.254",
  "fe80::1",
  "fd00:ec2::254",
  "64:ff9b::7f00:1",
  "2002:7f00:1::",
  "224.0.0.1",
  "255.255.255.255",
])("%s is no client's server", async (host) => {
  await expect(at(host)).rejects.toMatchObject({ code: "remote_address_refused", retryable: false });
});

test.each(["10.1.2.3", "192.168.0.10", "172.16.0.1", "203.0.113.7", "fd12::1", "2001:db8::1", "::ffff:10.1.2.3"])(
  "%s may be one, and is connected to as it was checked",
  async (host) => {
    const [found] = await at(host);
    expect(found).toMatchObject({ address: host });
  },
);

test("what is allowed is reached, and no more", async () => {
  const allowed = ["127.0.0.0/8", "fe80::1"];
  expect(await at("127.0.0.9", { allowed })).toEqual([{ address: "127.0.0.9", family: 4 }]);
  expect(await at("fe80::1", { allowed })).toHaveLength(1);
  await expect(at("fe80::2", { allowed })).rejects.toThrow("REMOTE_ALLOW");
});

test("in the clear only what is allowed by name is reached, whatever else may be", async () => {
  const network = openRemoteNetwork({ allowed: ["10.1.0.0/16", "127.0.0.1"], own });
  const options = { protocol: "imap", isClearText: true };
  expect(await network.addressesOf({ host: "10.1.2.3", port: 143 }, options)).toHaveLength(1);
  expect(await network.addressesOf({ host: "127.0.0.1", port: 143 }, options)).toHaveLength(1);
  await expect(network.addressesOf({ host: "10.2.2.3", port: 143 }, options)).rejects.toMatchObject({
    code: "remote_clear_text",
    message: expect.stringContaining("imap://10.2.2.3:143"),
  });
  await expect(network.addressesOf({ host: "127.0.0.2", port: 143 }, options)).rejects.toMatchObject({
    code: "remote_address_refused",
  });
});

test("the hub's own servers are never reached, not even where they are allowed; their neighbours are", async () => {
  const allowed = ["10.0.0.0/8"];
  await expect(at("10.0.0.5", { allowed, port: 5432 })).rejects.toMatchObject({ code: "remote_address_refused" });
  await expect(at("::ffff:10.0.0.6", { allowed, port: 6399 })).rejects.toMatchObject({
    code: "remote_address_refused",
  });
  expect(await at("10.0.0.5", { port: 22 })).toHaveLength(1);
  expect(await at("10.0.0.6", { port: 5432 })).toHaveLength(1);
});

test("while the hub's own server has no address, nothing is reached at its port", async () => {
  const network = openRemoteNetwork({ allowed: [], own: ["postgres://inlet@postgres.invalid:22/inlet"] });
  await expect(network.addressesOf({ host: "10.1.2.3", port: 22 })).rejects.toThrow("postgres.invalid");
  expect(await network.addressesOf({ host: "10.1.2.3", port: 23 })).toHaveLength(1);
});

test("a name that cannot be resolved is said to be so", async () => {
  await expect(at("no-such-host.invalid")).rejects.toMatchObject({ syscall: "getaddrinfo" });
});
