// The mailbox of the local stack: an SMTP server that keeps what it gets, and a page that shows it.
// Environment: MAIL_FOLDER, SMTP_PORT, WEB_PORT.
import { Behaviour } from "./behaviour.ts";
import { openMailStore } from "./mail-store.ts";
import { openSmtp } from "./smtp.ts";
import { openWeb } from "./web.ts";

const setting = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set`);
  return value;
};

const behaviour = new Behaviour();
const store = await openMailStore(setting("MAIL_FOLDER"));
const smtp = await openSmtp(Number(setting("SMTP_PORT")), store, behaviour);
const web = await openWeb(Number(setting("WEB_PORT")), store, behaviour);

let closing = false;
function close(): void {
  if (closing) return;
  closing = true;
  web.close();
  web.closeAllConnections();
  smtp.close(() => process.exit(0));
}
process.on("disconnect", close);
for (const signal of ["SIGTERM", "SIGINT", "SIGHUP"] as const) process.on(signal, close);
