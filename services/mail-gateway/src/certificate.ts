import { X509Certificate } from "node:crypto";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { createSecureContext } from "node:tls";
import { Misconfigured } from "@inlet/contracts";
import { type Logger, madeOnce } from "@inlet/runtime";
import { generate } from "selfsigned";

/** A certificate with its private key, both PEM. */
export interface Certificate {
  cert: string;
  key: string;
}

interface CertificateFiles {
  certFile: string;
  keyFile: string;
}

/** Senders do not check the certificate of a mail server (RFC 7435), so its end must never come as a surprise. */
const OWN_YEARS = 20;
const OWN_FILE = "smtp.pem";

/**
 * Reads the named certificate.
 * @throws Misconfigured when it cannot be used
 */
export async function readCertificate({ certFile, keyFile }: CertificateFiles): Promise<Certificate> {
  const [cert, key] = await Promise.all([readPem(certFile), readPem(keyFile)]);
  return usable({ cert, key }, `${certFile} and ${keyFile}`);
}

/** A certificate of our own for a host name, made on first use and kept. Gateways that start together end up with one. */
export async function openOwnCertificate(folder: string, hostname: string): Promise<Certificate> {
  const file = join(folder, OWN_FILE);
  const pem = await madeOnce(file, () => makePem(hostname));
  return usable({ cert: pem, key: pem }, file);
}

/** Looks whether the named files have changed, and hands on what they hold then. A renewal needs no restart. */
export function watchCertificate(
  files: CertificateFiles,
  { everyMs, logger, onChange }: { everyMs: number; logger: Logger; onChange: (certificate: Certificate) => void },
): { close(): void } {
  let seen: string | undefined;
  const look = async () => {
    try {
      const stats = await Promise.all([stat(files.certFile), stat(files.keyFile)]);
      const now = stats.map(({ mtimeMs, size, ino }) => `${mtimeMs} ${size} ${ino}`).join(" ");
      if (seen !== undefined && seen !== now) {
        const certificate = await readCertificate(files);
        onChange(certificate);
        logger.info({ validTo: new X509Certificate(certificate.cert).validTo }, "took the new certificate");
      }
      seen = now;
    } catch (err) {
      // Half of a renewal may be there; the next look sees all of it.
      logger.warn({ err }, "could not read the certificate; the old one stays");
    }
  };
  void look();
  const timer = setInterval(() => void look(), everyMs);
  return { close: () => clearInterval(timer) };
}

async function makePem(hostname: string): Promise<string> {
  const notAfterDate = new Date();
  notAfterDate.setFullYear(notAfterDate.getFullYear() + OWN_YEARS);
  const made = await generate([{ name: "commonName", value: hostname }], {
    algorithm: "sha256",
    keySize: 2048,
    notAfterDate,
  });
  return `${made.cert.trim()}\n${made.private.trim()}\n`;
}

function usable(certificate: Certificate, where: string): Certificate {
  try {
    createSecureContext(certificate);
    return certificate;
  } catch (cause) {
    throw new Misconfigured({
      code: "certificate_invalid",
      message: `${where} hold no certificate with its private key, in PEM and without passphrase.`,
      cause,
    });
  }
}

async function readPem(file: string): Promise<string> {
  return await readFile(file, "utf8").catch((cause: unknown) => {
    throw new Misconfigured({ code: "certificate_missing", message: `${file} cannot be read.`, cause });
  });
}
