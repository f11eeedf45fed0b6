import { X509Certificate } from "node:crypto";
import { mkdtemp, readdir, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pino } from "pino";
import { generate } from "selfsigned";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type Certificate, openOwnCertificate, readCertificate, watchCertificate } from "./certificate.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "inlet certificate "));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const make = async (name: string): Promise<Certificate> => {
  const { cert, private: key } = await generate([{ name: "commonName", value: name }], { algorithm: "sha256" });
  return { cert, key };
};
const subject = ({ cert }: Certificate) => new X509Certificate(cert).subject;

test("gateways that start together make one certificate, which lasts and which nobody else reads", async () => {
  const own = join(folder, "own");
  const opened = await Promise.all([1, 2, 3].map(() => openOwnCertificate(own, "mx.hub.example")));
  expect(new Set(opened.map(({ cert }) => cert)).size).toBe(1);
  expect(await openOwnCertificate(own, "mx.hub.example")).toEqual(opened[0]);
  expect(subject(opened[0]!)).toBe("CN=mx.hub.example");
  expect(new Date(new X509Certificate(opened[0]!.cert).validTo).getFullYear()).toBeGreaterThan(
    new Date().getFullYear() + 15,
  );
  expect(await readdir(own)).toEqual(["smtp.pem"]);
  expect((await stat(join(own, "smtp.pem"))).mode & 0o777).toBe(0o600);
});

test("a renewed certificate is taken without a restart, half of one is not", async () => {
  const files = { certFile: join(folder, "cert.pem"), keyFile: join(folder, "key.pem") };
  const write = async ({ cert, key }: Certificate) => {
    await writeFile(files.certFile, cert);
    await writeFile(files.keyFile, key);
  };
  await write(await make("old.example"));
  expect(subject(await readCertificate(files))).toBe("CN=old.example");
  const taken: string[] = [];
  const watch = watchCertificate(files, {
    everyMs: 20,
    logger: pino({ level: "silent" }),
    onChange: (certificate) => taken.push(subject(certificate)),
  });
  try {
    const renewed = await make("new.example");
    await expect.poll(() => taken.length, { timeout: 200 }).toBe(0);
    await writeFile(files.certFile, renewed.cert);
    await writeFile(files.keyFile, renewed.key);
    await expect.poll(() => taken.at(-1), { timeout: 5_000 }).toBe("CN=new.example");
    expect(new Set(taken)).toEqual(new Set(["CN=new.example"]));
  } finally {
    watch.close();
  }
});

test("files that hold no certificate and key stop the start with a word", async () => {
  const files = { certFile: join(folder, "a.pem"), keyFile: join(folder, "b.pem") };
  await expect(readCertificate(files)).rejects.toMatchObject({ code: "certificate_missing" });
  const [one, other] = [await make("one.example"), await make("other.example")];
  await writeFile(files.certFile, one.cert);
  await writeFile(files.keyFile, other.key);
  await expect(readCertificate(files)).rejects.toMatchObject({ code: "certificate_invalid" });
});
