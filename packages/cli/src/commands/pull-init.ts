import { open } from "node:fs/promises";
import { profileSchema } from "@inlet/contracts";
import { stringify } from "yaml";
import { count } from "../figures.ts";
import { type ProposedPull, proposeColumns } from "../init/pulled-columns.ts";
import { commentText } from "../init/yaml-text.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";
import { probeOf } from "./pull.ts";

interface PullInitOptions extends GlobalOptions {
  table?: string;
  output?: string;
}

/** Writes a project's profile with a column for each field that a probe of its system finds. Refuses to overwrite a file. */
export async function pullInit(name: string, options: PullInitOptions): Promise<void> {
  const { client, project } = readProjectName(name);
  const session = await openSession(options);
  const { api, out } = session;
  const probed = await probeOf(session, name, options.table);
  const { version } = await api.profile(client, project);
  const { written } = await api.profileVersion(client, project, version);
  const proposed = proposeColumns(written, probed.table, probed.probe!.shape);
  // A profile that we write is one that we take: anything else is a fault of ours.
  profileSchema.parse(proposed.profile);
  const text = `${heading(proposed)
    .map((line) => `# ${line}`)
    .join("\n")}\n${stringify(proposed.profile, { lineWidth: 0 })}`;
  if (options.output === "-") {
    process.stdout.write(text);
    return;
  }
  const output = options.output ?? `${probed.table}.yaml`;
  const handle = await open(output, "wx");
  try {
    await handle.writeFile(text);
  } finally {
    await handle.close();
  }
  const { added, leftOut, key } = proposed;
  out.line(`Wrote ${out.paint("bold", output)}: table ${probed.table} with ${count(added.length, "new column")}.`);
  if (leftOut.length > 0) out.line(`Left out, because they are no single value: ${leftOut.join(", ")}.`);
  out.line(`  next: edit it, then   inlet apply -f ${output}`);
  session.result({ profile: output, table: probed.table, added, leftOut, key });
}

function heading({ table, leftOut, key }: ProposedPull): string[] {
  return [
    `Table ${table} has a column for each field that a probe found. Edit it: take out what is not needed, and look at the types.`,
    ...(leftOut.length === 0
      ? []
      : [
          `Left out, because they are no single value: ${commentText(leftOut.join(", "))}. Name a path into one in \`fields\`.`,
        ]),
    ...(key === null
      ? []
      : [`${key} looks like the key: give the table \`key: [${key}]\`, and mode upsert or replace.`]),
  ];
}
