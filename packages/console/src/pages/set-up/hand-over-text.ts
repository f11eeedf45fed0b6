import { triggerText } from "../profile-parts/trigger.ts";
import type { HandedOver } from "./hand-over.tsx";
import { foldersOf } from "./plan.ts";

/** What is handed over, as text for an e-mail. The password travels by another way: it is not in it. */
export function handOverText({ plan, login, connection }: HandedOver): string {
  const { uploads, downloads } = foldersOf(plan);
  const at = triggerText(plan.schedule);
  const lines: [string, string][] = [
    ...(login === undefined
      ? []
      : ([
          ["Server", `${connection.sftp.host}, port ${connection.sftp.port} (SFTP)`],
          ["Login", login.username],
          ...(login.password === undefined ? [] : [["Password", "told separately"] as [string, string]]),
          ["Log in from", login.cidrs.join(", ") || "anywhere"],
          ...connection.sftp.hostKeys.map(({ type, fingerprint }): [string, string] => [
            "Host key",
            `${type} ${fingerprint}`,
          ]),
        ] satisfies [string, string][])),
    ["Put files into", uploads],
    ["Results", downloads],
    ["Or upload at", `${connection.consoleUrl}/upload`],
    ...plan.tables.map(({ name, files = [] }): [string, string] => [`File ${name}`, files.join(", ")]),
    ["Trigger", at === undefined ? "as files come" : `${at}, ${plan.schedule.timezone}`],
    ["E-mails go to", plan.recipients.join(", ") || "nobody"],
  ];
  const width = Math.max(...lines.map(([name]) => name.length)) + 2;
  return [
    `${plan.client}/${plan.project}`,
    "",
    ...lines.map(([name, value]) => `${`${name}:`.padEnd(width)}${value}`),
    "",
  ].join("\n");
}
