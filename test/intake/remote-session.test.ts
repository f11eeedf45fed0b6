import { randomBytes } from "node:crypto";
import { readFile, writeFile } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { openRemoteNetwork } from "@inlet/remote-network";
import { connectRemote } from "@inlet/remote-sftp";
import { hashPassword } from "@inlet/runtime";
import { afterAll, afterEach, describe, expect, test } from "vitest";
import { openIntakeHub } from "./hub.ts";
import { openSshServer } from "./openssh.ts";

const ssh = await openSshServer();
const network = openRemoteNetwork({ allowed: ["127.0.0.1"], own: [] });
const servers: { server: Server; sockets: Set<Socket> }[] = [];

/** A network between us and the server that can break. Without a target it takes connections and says nothing. */
async function openNetwork(targetPort?: number) {
  const sockets = new Set<Socket>();
  const server = createServer((socket) => {
    sockets.add(socket);
    socket.on("error", () => {});
    if (targetPort === undefined) return;
    const onward = connect(targetPort, "127.0.0.1");
    sockets.add(onward);
    onward.on("error", () => {});
    socket.pipe(onward).pipe(socket);
  });
  servers.push({ server, sockets });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  return {
    port: (server.address() as AddressInfo).port,
    cut: () => {
      for (const socket of sockets) socket.destroy();
    },
  };
}

describe.skipIf(!ssh)("a session on a client's server", () => {
  afterEach(() => {
    for (const { server, sockets } of servers.splice(0)) {
      for (const socket of sockets) socket.destroy();
      server.close();
    }
  });
  afterAll(() => ssh?.remove());

  test("a file comes and goes as it is, whatever its size", async () => {
    const remote = await connectRemote(ssh!.server, ssh!.privateKey, { network });
    for (const size of [0, 1, 1024 * 1024, 5_000_001]) {
      const content = randomBytes(size);
      const path = join(ssh!.folder, `file-${size}`);
      await remote.create(path, { sizeBytes: size, read: async (at, length) => content.subarray(at, at + length) });
      expect((await readFile(path)).equals(content)).toBe(true);
      const chunks: Buffer[] = [];
      await remote.read(path, size, (chunk) => void chunks.push(Buffer.from(chunk)));
      expect(Buffer.concat(chunks).equals(content)).toBe(true);
      await expect(remote.create(path, { sizeBytes: 0, read: async () => Buffer.alloc(0) })).rejects.toThrow();
    }
    await remote.close();
  });

  test("a name that is taken is not taken away, unless that is asked for", async () => {
    const remote = await connectRemote(ssh!.server, ssh!.privateKey, { network });
    const [a, b] = [join(ssh!.folder, "a"), join(ssh!.folder, "b")];
    await writeFile(a, "a");
    await writeFile(b, "b");
    expect(await remote.move(a, b)).toBe(false);
    expect(await readFile(b, "utf8")).toBe("b");
    await remote.replace(a, b);
    expect(await readFile(b, "utf8")).toBe("a");
    expect(await remote.stat(a)).toBeUndefined();
    await remote.remove(a);
    await expect(remote.move(a, join(ssh!.folder, "c"))).rejects.toMatchObject({ code: "remote_missing" });
    await remote.close();
  });

  test("a connection that breaks in mid-read ends the read", async () => {
    const wire = await openNetwork(ssh!.server.port);
    const path = join(ssh!.folder, "large");
    await writeFile(path, Buffer.alloc(20_000_000));
    const remote = await connectRemote({ ...ssh!.server, port: wire.port }, ssh!.privateKey, { network });
    const read = remote.read(path, 20_000_000, () => wire.cut());
    await expect(read).rejects.toMatchObject({ code: "remote_lost", retryable: true });
    await expect(remote.list("/")).rejects.toMatchObject({ code: "remote_lost" });
    await remote.close();
  });

  test("a connection that breaks in mid-write ends the write", async () => {
    const wire = await openNetwork(ssh!.server.port);
    const remote = await connectRemote({ ...ssh!.server, port: wire.port }, ssh!.privateKey, { network });
    const source = {
      sizeBytes: 20_000_000,
      async read(offset: number, length: number) {
        if (offset > 3_000_000) wire.cut();
        return Buffer.alloc(length);
      },
    };
    await expect(remote.create(join(ssh!.folder, "never"), source)).rejects.toMatchObject({ code: "remote_lost" });
    await remote.close();
  });

  test("a stop ends whatever is under way", async () => {
    const stopping = new AbortController();
    const path = join(ssh!.folder, "stopped");
    await writeFile(path, Buffer.alloc(20_000_000));
    const remote = await connectRemote(ssh!.server, ssh!.privateKey, { network, signal: stopping.signal });
    const read = remote.read(path, 20_000_000, () => stopping.abort());
    await expect(read).rejects.toMatchObject({ code: "remote_lost" });
    await remote.close();
  });

  test("a server that takes the connection and says nothing is given up", async () => {
    const { port } = await openNetwork();
    const attempt = connectRemote({ ...ssh!.server, port }, ssh!.privateKey, { network, timeoutMs: 300 });
    await expect(attempt).rejects.toMatchObject({ code: "remote_unreachable", retryable: true });
  });

  test("the address that was checked is the one that is connected to, and an internal one is not", async () => {
    // A name that no resolver knows: what connects by it uses the address that the rule gave.
    const server = { ...ssh!.server, host: "erp.invalid" };
    const checked = { addressesOf: async () => [{ address: "127.0.0.1", family: 4 as const }] };
    const remote = await connectRemote(server, ssh!.privateKey, { network: checked });
    expect(await remote.stat(ssh!.folder)).toMatchObject({ isFile: false });
    await remote.close();

    const guarded = openRemoteNetwork({ allowed: [], own: [] });
    const attempt = connectRemote(ssh!.server, ssh!.privateKey, { network: guarded });
    await expect(attempt).rejects.toMatchObject({ code: "remote_address_refused", retryable: false });
    const unknown = connectRemote(server, ssh!.privateKey, { network: guarded });
    await expect(unknown).rejects.toMatchObject({ code: "remote_unreachable", retryable: true });
    const hangs = { addressesOf: () => new Promise<never>(() => {}) };
    const late = connectRemote(server, ssh!.privateKey, { network: hangs, timeoutMs: 100 });
    await expect(late).rejects.toMatchObject({ code: "remote_unreachable", retryable: true });
  });

  test.each([
    ["a password where keys alone are taken", Buffer.from("a password"), "remote_login_refused"],
    ["a private key that is none", Buffer.from("-----BEGIN OPENSSH PRIVATE KEY-----\nno\n"), "remote_key_unusable"],
  ])("%s is a fault that somebody must mend", async (_case, secret, code) => {
    await expect(connectRemote(ssh!.server, secret, { network })).rejects.toMatchObject({ code, retryable: false });
  });
});

test("a password opens a session too, with or without the line end that its editor left", async () => {
  const hub = await openIntakeHub(["sftp-gateway"]);
  try {
    const { accountId, profile } = await hub.project();
    await hub.database.query
      .updateTable("accounts")
      .set({ password_hash: await hashPassword("a password, not a secret") })
      .where("id", "=", accountId)
      .execute();
    const server = { ...hub.stack.sftp, username: profile.client, secret: "erp", hostKey: `SHA256:${"A".repeat(43)}` };
    const fault = await connectRemote(server, Buffer.from("never sent"), { network }).catch((error: Error) => error);
    const hostKey = /shows (SHA256:\S+)/.exec(String(fault))![1]!;
    for (const secret of ["a password, not a secret", "a password, not a secret\n"]) {
      const remote = await connectRemote({ ...server, hostKey }, Buffer.from(secret), { network });
      expect((await remote.list("/spring")).map(({ name }) => name).sort()).toEqual(["Downloads", "Uploads"]);
      await remote.close();
    }
    await expect(connectRemote({ ...server, hostKey }, Buffer.from("wrong"), { network })).rejects.toMatchObject({
      code: "remote_login_refused",
    });
  } finally {
    await hub.stop();
  }
});
