import { symlink } from "node:fs/promises";
import { join } from "node:path";
import { type UnwrapOptions, unwrap, type WrapAs, wrap } from "@inlet/envelope";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { type Archivers, openArchivers } from "./archives.ts";
import { collect, fileOf, streamOf } from "./random-access.ts";

const DATA = Buffer.from(Array.from({ length: 20_000 }, (_, i) => `${i},Müller ${i % 97},"a, b"\r\n`).join(""));
const PASSWORD = "correct horse-1";

let tools: Archivers;
beforeAll(async () => {
  tools = await openArchivers();
});
afterAll(async () => await tools?.close());

let turn = 0;
let zip: string;
beforeEach(async () => {
  turn += 1;
  zip = `${turn}.zip`;
  await tools.write("data.csv", DATA);
  await tools.write("more.csv", "id\n1\n");
});

const options = (changes: Partial<UnwrapOptions> = {}): UnwrapOptions => ({
  limits: { totalBytes: 1024 ** 3 },
  ...changes,
});

async function opened(bytes: Uint8Array, how = options()) {
  const unwrapped = await unwrap(fileOf(bytes), how);
  if (unwrapped.kind !== "zip") throw new Error(`it is ${unwrapped.kind}`);
  const files: { name: string; data: Buffer }[] = [];
  for (const file of unwrapped.files) files.push({ name: file.name, data: await collect(file.open()) });
  return { isEncrypted: unwrapped.isEncrypted, files };
}

const refused = async (code: string, how = options()) =>
  await expect(opened(await tools.read(zip), how)).rejects.toMatchObject({ name: "InvalidInput", code });

describe("a ZIP is opened", () => {
  it.each([
    ["Info-ZIP, open", "zip", ["-q"], [], false],
    ["Info-ZIP, ZipCrypto", "zip", ["-q", "-P", PASSWORD], [], true],
    ["7z, open", "7z", ["a", "-tzip"], [], false],
    ["7z, ZipCrypto", "7z", ["a", "-tzip", `-p${PASSWORD}`, "-mem=ZipCrypto"], [], true],
    ["7z, AES-128", "7z", ["a", "-tzip", `-p${PASSWORD}`, "-mem=AES128"], [], true],
    ["7z, AES-256", "7z", ["a", "-tzip", `-p${PASSWORD}`, "-mem=AES256"], [], true],
    ["7z, AES-256, stored", "7z", ["a", "-tzip", `-p${PASSWORD}`, "-mem=AES256", "-mx0"], [], true],
  ] as const)("by %s", async (_, tool, args, more, isEncrypted) => {
    await tools.run(tool, [...args, zip, "data.csv", "more.csv", ...more]);
    const found = await opened(await tools.read(zip), options({ zipPassword: PASSWORD }));
    expect(found.isEncrypted).toBe(isEncrypted);
    expect(found.files.map(({ name }) => name).sort()).toEqual(["data.csv", "more.csv"]);
    expect(found.files.find(({ name }) => name === "data.csv")!.data.equals(DATA)).toBe(true);
  });

  it("written as a stream, with its sizes behind the data", async () => {
    const piped = await tools.run("zip", ["-q", "-", "data.csv"]);
    expect((await opened(piped)).files[0]!.data.equals(DATA)).toBe(true);
  });
});

describe("a ZIP is refused", () => {
  it.each([
    ["7z AES-256", "7z", ["a", "-tzip", "-pother", "-mem=AES256"], "zip_password_wrong"],
    ["7z AES-128", "7z", ["a", "-tzip", "-pother", "-mem=AES128"], "zip_password_wrong"],
    // ZipCrypto tells a wrong password by one byte: one in 256 gets as far as the data.
    ["Info-ZIP ZipCrypto", "zip", ["-q", "-P", "other"], /^zip_(password_wrong|damaged)$/],
  ] as const)("with another password: %s", async (_, tool, args, code) => {
    await tools.run(tool, [...args, zip, "data.csv"]);
    await expect(opened(await tools.read(zip), options({ zipPassword: PASSWORD }))).rejects.toMatchObject({
      code: typeof code === "string" ? code : expect.stringMatching(code),
    });
    await refused("zip_password_missing");
  });

  it("when only some of its files have the password", async () => {
    await tools.run("zip", ["-q", zip, "data.csv"]);
    await tools.run("zip", ["-q", "-P", PASSWORD, zip, "more.csv"]);
    await refused("zip_mixed_encryption", options({ zipPassword: PASSWORD }));
  });

  it.each([
    ["AES-256", ["-mem=AES256"]],
    ["ZipCrypto", ["-mem=ZipCrypto"]],
  ])("changed on its way: %s", async (_, args) => {
    await tools.run("7z", ["a", "-tzip", `-p${PASSWORD}`, ...args, zip, "data.csv"]);
    const bytes = await tools.read(zip);
    bytes[Math.floor(bytes.length / 2)]! ^= 1;
    await expect(opened(bytes, options({ zipPassword: PASSWORD }))).rejects.toMatchObject({ code: "zip_damaged" });
  });

  it("with a symbolic link", async () => {
    await symlink("/etc/passwd", join(tools.folder, `link-${turn}.csv`));
    await tools.run("zip", ["-q", "--symlinks", zip, "data.csv", `link-${turn}.csv`]);
    await refused("zip_symlink");
  });

  it("packed with a method that is not taken", async () => {
    await tools.run("7z", ["a", "-tzip", "-mm=PPMd", zip, "data.csv"]);
    await refused("zip_unsupported");
  });

  it("in parts", async () => {
    await tools.write("random.csv", Buffer.from(Array.from({ length: 200_000 }, () => Math.random() * 256)));
    await tools.run("zip", ["-q", "-s", "64k", zip, "random.csv"]);
    // The last part alone begins with the middle of the data, which nothing tells from data.
    zip = zip.replace(".zip", ".z01");
    await refused("zip_split");
  });
});

describe("a ZIP for other programs", () => {
  const MODIFIED = new Date("2026-11-20T09:00:02Z");
  const wrapped = async (as: Omit<Extract<WrapAs, { as: "zip" }>, "as">, data: Buffer = DATA, name = "PURL_data.csv") =>
    await collect(
      wrap(streamOf(data), { name, sizeBytes: data.length, modifiedAt: MODIFIED, as: { as: "zip", ...as } }),
    );
  const open = { encryption: "aes256" } as const;
  const aes = { encryption: "aes256", password: PASSWORD } as const;
  const crypto = { encryption: "zipcrypto", password: PASSWORD } as const;

  it.each([
    ["open", open, ["unzip", "7z"]],
    ["ZipCrypto", crypto, ["unzip", "7z"]],
    ["AES-256", aes, ["7z"]],
  ] as const)("is opened by them: %s", async (_, as, programs) => {
    await tools.write(zip, await wrapped(as));
    for (const program of programs) {
      const args =
        program === "unzip" ? ["-p", "-P", PASSWORD, zip] : ["x", "-so", `-p${PASSWORD}`, zip, "PURL_data.csv"];
      expect((await tools.run(program, args)).equals(DATA)).toBe(true);
      await tools.run(program, program === "unzip" ? ["-t", "-P", PASSWORD, zip] : ["t", `-p${PASSWORD}`, zip]);
    }
  });

  it("is AES-256 indeed, and nothing of the data is in it", async () => {
    await tools.write(zip, await wrapped({ ...aes }));
    const listing = (await tools.run("7z", ["l", "-slt", zip])).toString();
    expect(listing).toContain("Method = AES-256 Deflate");
    expect(listing).toContain("Encrypted = +");
    expect(listing).toContain("Modified = 2026-11-20");
    // AE-2: no checksum of the plain bytes, which would tell a guesser that he is right.
    expect(listing).not.toMatch(/CRC = (?!00000000)[0-9A-F]{8}/);
  });

  it("keeps names beyond ASCII", async () => {
    await tools.write(zip, await wrapped(open, DATA, "Übersicht – Zürich.csv"));
    expect((await tools.run("7z", ["l", "-slt", "-sccUTF-8", zip])).toString()).toContain("Übersicht – Zürich.csv");
    expect((await opened(await tools.read(zip))).files[0]!.name).toBe("Übersicht – Zürich.csv");
  });

  it("may be empty", async () => {
    for (const as of [open, aes, crypto]) {
      await tools.write(zip, await wrapped(as, Buffer.alloc(0)));
      await tools.run("7z", ["t", `-p${PASSWORD}`, zip]);
      const { files } = await opened(await tools.read(zip), options({ zipPassword: PASSWORD }));
      expect(files[0]!.data).toHaveLength(0);
    }
  });

  it("comes out the same each time when it is open, and never when it is not", async () => {
    expect((await wrapped(open)).equals(await wrapped(open))).toBe(true);
    expect((await wrapped(aes)).equals(await wrapped(aes))).toBe(false);
  });

  it("is read here again", async () => {
    for (const as of [open, aes, crypto]) {
      const found = await opened(await wrapped(as), options({ zipPassword: PASSWORD }));
      expect(found.isEncrypted).toBe(as !== open);
      expect(found.files[0]!.data.equals(DATA)).toBe(true);
    }
  });
});
