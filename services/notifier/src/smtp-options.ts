import { isIP } from "node:net";
import type { SMTPPoolOptions } from "nodemailer/lib/smtp-pool";

/** `required`: encrypted to a server whose certificate holds, or not at all. */
const TLS_MODES = ["required", "opportunistic", "off"] as const;
type TlsMode = (typeof TLS_MODES)[number];

const CONNECT_TIMEOUT_MS = 10_000;
const GREETING_TIMEOUT_MS = 15_000;
/** A server may take its time to judge a mail after DATA; RFC 5321 (4.5.3.2.6) asks for more patience than a lease has. */
const SILENCE_TIMEOUT_MS = 60_000;

/**
 * What SMTP_URL means: `smtp://` or `smtps://`, name and password where the server asks for them, host, port (587 and 465
 * where none is given), and `?tls=required|opportunistic|off`. With a password to another machine TLS is required, so that
 * it is never sent in the clear; else it is used where the server offers it, whatever its certificate (RFC 7435).
 * @throws Error naming what is wrong in the URL
 */
export function smtpOptions(smtpUrl: string, connections: number): SMTPPoolOptions & { pool: true } {
  const url = new URL(smtpUrl);
  const secure = url.protocol === "smtps:";
  if (!secure && url.protocol !== "smtp:") throw new Error("begins with smtp:// or smtps://");
  const host = url.hostname.replace(/^\[(.*)\]$/, "$1");
  if (host === "") throw new Error("names a host");
  for (const name of url.searchParams.keys()) {
    if (name !== "tls") throw new Error(`knows no setting ${JSON.stringify(name)}, only tls`);
  }
  const user = decodeURIComponent(url.username);
  const tls = tlsMode(url, user !== "" && !isLoopback(host));
  return {
    pool: true,
    host,
    port: url.port === "" ? (secure ? 465 : 587) : Number(url.port),
    secure,
    ...(user !== "" && { auth: { user, pass: decodeURIComponent(url.password) } }),
    requireTLS: !secure && tls === "required",
    ignoreTLS: tls === "off",
    tls: { rejectUnauthorized: secure || tls === "required", minVersion: "TLSv1.2" },
    maxConnections: connections,
    maxMessages: 100,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    dnsTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: GREETING_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    disableFileAccess: true,
    disableUrlAccess: true,
  };
}

function tlsMode(url: URL, precious: boolean): TlsMode {
  const text = url.searchParams.get("tls");
  if (text === null) return precious ? "required" : "opportunistic";
  const mode = TLS_MODES.find((each) => each === text);
  if (mode === undefined) throw new Error(`has tls=${text}; it may be ${TLS_MODES.join(", ")}`);
  if (mode === "off" && url.protocol === "smtps:") throw new Error("is smtps:// and tls=off at once");
  return mode;
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host === "::1" || (isIP(host) === 4 && host.startsWith("127."));
}
