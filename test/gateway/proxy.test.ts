import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type TestAccount, TestGateway } from "./gateway.ts";

/** Where the gateway takes PROXY headers from, and where not. */
const BALANCER = "127.0.0.100";

let gateway: TestGateway;
let fenced: TestAccount;
const balancers: Server[] = [];

beforeAll(async () => {
  gateway = await TestGateway.open({ SFTP_PROXY_FROM: `${BALANCER}/32`, SFTP_ALLOW: "127.0.0.0/8, 192.0.2.0/24" });
  await gateway.project();
  fenced = await gateway.account("fenced", { cidrs: ["192.0.2.7"] });
});
afterAll(async () => {
  for (const balancer of balancers) balancer.close();
  await gateway.stop();
});

/** A load balancer that begins each connection with these bytes. */
async function balance(header: string | Buffer, localAddress = BALANCER): Promise<number> {
  const balancer = createServer((client) => {
    const server = connect({ host: "127.0.0.1", port: gateway.port, localAddress });
    for (const socket of [client, server]) socket.on("error", () => {});
    server.write(header);
    client.pipe(server).pipe(client);
    // Cut off on one side is cut off on the other; a pipe hands on an end alone.
    server.once("close", () => client.destroy());
  });
  balancers.push(balancer);
  await once(balancer.listen(0, "127.0.0.1"), "listening");
  return (balancer.address() as AddressInfo).port;
}

const attempt = async (port: number) => (await gateway.sftp(fenced, ["ls"], { port })).code === 0;

test("a listed load balancer names the client, and the account's allow-list counts for that", async () => {
  expect(await attempt(await balance("PROXY TCP4 192.0.2.7 127.0.0.1 40000 22\r\n"))).toBe(true);
  expect(await attempt(await balance("PROXY TCP4 192.0.2.8 127.0.0.1 40000 22\r\n"))).toBe(false);
  const { rows } = await gateway.database.pool.query<{ address: string; outcome: string }>(
    "SELECT DISTINCT address, outcome FROM audit WHERE action = 'login' AND address LIKE '192%' ORDER BY address",
  );
  await gateway.waitFor("the refusal in the audit", async () =>
    (await gateway.audit("fenced")).includes("login refused address not allowed"),
  );
  expect(rows[0]).toEqual({ address: "192.0.2.7", outcome: "ok" });
});

test("the gateway's own allow-list counts for the client too", async () => {
  expect(await attempt(await balance("PROXY TCP4 198.51.100.1 127.0.0.1 40000 22\r\n"))).toBe(false);
});

test("nobody else can claim an address", async () => {
  expect(await attempt(await balance("PROXY TCP4 192.0.2.7 127.0.0.1 40000 22\r\n", "127.0.0.101"))).toBe(false);
});

test("a balancer that sends no header is not let in", async () => {
  expect(await attempt(await balance(""))).toBe(false);
  expect(await attempt(await balance("PROXY TCP4 nonsense 127.0.0.1 1 2\r\n"))).toBe(false);
});
