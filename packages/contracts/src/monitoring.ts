import { z } from "zod";
import type { Table } from "./table.ts";

/**
 * Import monitoring: all that was expected is imported, or nothing. What is expected a system says of a pull, and a sender of a
 * file: in its trailer, its flag file, its name, or with its upload.
 */
export const monitoringSchema = z.strictObject({
  enabled: z.boolean().default(true),
  /** Who is told of an import that was stopped, besides the project's recipients. */
  recipients: z.array(z.email()).max(50).default([]),
});
export type Monitoring = z.infer<typeof monitoringSchema>;

interface Monitored {
  source: { kind: string };
  monitoring?: Monitoring | undefined;
}

/** A project's import monitoring. Where its profile says nothing of it, pulls are monitored and files are not. */
export function monitoringOf({ source, monitoring }: Monitored): Monitoring {
  return monitoring ?? { enabled: source.kind === "pull", recipients: [] };
}

/** Whether each file of a table must say how many records it has. */
function declaresRecords({ controls }: Pick<Table, "controls">): boolean {
  return controls.some(({ total, required }) => total === "records" && required);
}

/** What of a profile's tables does not go together with its monitoring. */
export function monitoringProblems(
  profile: Monitored & { tables: readonly Table[] },
): { path: (string | number)[]; message: string }[] {
  if (!monitoringOf(profile).enabled) return [];
  const isPull = profile.source.kind === "pull";
  return profile.tables.flatMap((table, index) => [
    ...(table.invalid.policy === "reject"
      ? []
      : [
          {
            path: ["tables", index, "invalid"],
            message: "a monitored import takes all records or none: use policy reject, or switch monitoring off",
          },
        ]),
    ...(isPull || declaresRecords(table)
      ? []
      : [
          {
            path: ["tables", index, "controls"],
            message:
              "monitoring compares what came with what the sender declares: add a control of the total `records` that is required, or switch monitoring off",
          },
        ]),
  ]);
}
