import type { AppliedProfile, ChangedAccount, Connection } from "@inlet/contracts";
import { exampleName } from "../../parts/example-name.ts";
import { triggerText } from "../profile-parts/trigger.ts";
import { foldersOf, type Plan } from "./plan.ts";

/** What was set up, and what its client needs to know. */
export interface HandedOver {
  plan: Plan;
  applied: AppliedProfile;
  login: ChangedAccount | undefined;
  connection: Connection;
}

/** By table how its files are to be called, as the client's people read it. */
export const fileNames = ({ client, project, tables }: Pick<Plan, "client" | "project" | "tables">) =>
  tables.map(
    ({ name, files = [] }) =>
      [name, files.map((pattern) => exampleName(pattern, { client, project, table: name })).join(", ")] as const,
  );

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
    ...fileNames(plan).map(([table, names]): [string, string] => [`File ${table}`, names]),
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
