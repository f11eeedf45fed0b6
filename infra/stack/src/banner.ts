import { styleText } from "node:util";
import type { Stack } from "./stack-terms.ts";

/** What a person needs to know about a hub that is up. `newAdminKey` only at the first start. */
export type BannerFacts = {
  stack: Pick<
    Stack,
    | "sftp"
    | "ports"
    | "apiUrl"
    | "consoleUrl"
    | "landingUrl"
    | "mailboxUrl"
    | "smtpUrl"
    | "stateFolder"
    | "adminKeyFile"
    | "replacedPorts"
  >;
  elapsedMs: number;
  newAdminKey: string | undefined;
  colour: boolean;
};

/** What a port is for, in people's words. */
const PORT_NAMES: Record<string, string> = {
  "sftp-gateway": "SFTP",
  "mail-gateway": "Files by e-mail",
  api: "Console, API",
  landing: "Landing pages",
  syncer: "Webhooks in",
  mailbox: "Mailbox",
  smtp: "Mailbox, SMTP",
  postgres: "PostgreSQL",
  redis: "Redis",
};

/** The addresses of a hub, and what is special about this start. */
export function renderBanner({ stack, elapsedMs, newAdminKey, colour }: BannerFacts): string {
  const paint = (style: Parameters<typeof styleText>[0], text: string) =>
    colour ? styleText(style, text, { validateStream: false }) : text;
  const { sftp, ports, apiUrl, consoleUrl, landingUrl, mailboxUrl, smtpUrl, stateFolder, adminKeyFile, replacedPorts } =
    stack;
  const rows = [
    ["Console", consoleUrl],
    ["SFTP", `sftp://${sftp.host}:${sftp.port}`],
    ...(ports["mail-gateway"] ? [["Files by e-mail", `smtp://${sftp.host}:${ports["mail-gateway"]}`] as const] : []),
    ["API", `${apiUrl}/docs`],
    ["Landing pages", landingUrl],
    ["Mailbox", mailboxUrl ?? smtpUrl.replace(/\/\/[^@/]*@/, "//")],
    ["State", stateFolder],
    ["Admin key", newAdminKey ?? `in ${adminKeyFile}`],
  ] as const;
  const lines = rows.map(([name, value]) => `    ${paint("dim", name.padEnd(17))}${value}`);
  const notes = [
    ...(newAdminKey ? [`The admin key is shown this once; it stays in ${adminKeyFile}.`] : []),
    ...replacedPorts.map(
      ({ name, preferred, chosen }) => `${PORT_NAMES[name] ?? name}: port ${preferred} was taken, ${chosen} is used.`,
    ),
  ];
  const title = `${paint(["bold", "green"], "Inlet is up")} ${paint("dim", `(${(elapsedMs / 1000).toFixed(1)} s)`)}`;
  const tail = notes.length > 0 ? ["", ...notes.map((note) => `    ${note}`)] : [];
  return [
    "",
    `  ${title}`,
    "",
    ...lines,
    ...tail,
    "",
    `  ${paint("dim", "Ctrl-C stops it; everything is kept.")}`,
    "",
  ].join("\n");
}
