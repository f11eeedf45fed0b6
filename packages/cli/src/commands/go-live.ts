import { EXIT } from "../exit-codes.ts";
import { CliFailure, failureOf, usageFailure } from "../failure.ts";
import { readProjectName } from "../project-name.ts";
import { type GlobalOptions, openSession } from "../session.ts";

interface GoLiveOptions extends GlobalOptions {
  project: string;
  override?: string;
}

/** Makes a project live, once its rehearsal has passed or with a reason. */
export async function goLive({ project: name, override, ...options }: GoLiveOptions): Promise<void> {
  const { client, project } = readProjectName(name);
  if (override?.trim() === "") throw usageFailure("--override needs a reason: it goes into the audit.");
  const { api, out, result } = await openSession(options);
  const { state: before } = await api.rehearsal(client, project);
  const live = await api.goLive(client, project, { reason: override }).catch((error: unknown) => {
    const failure = failureOf(error);
    if (failure.code !== "rehearsal_not_passed") throw error;
    throw new CliFailure(
      EXIT.conflict,
      failure.code,
      `${failure.message.replace(/ Give a reason .*/, "")} \`inlet rehearse --project ${name}\` shows what to do; --override REASON goes live all the same.`,
    );
  });
  if (before === "live") out.line(`${out.paint("bold", name)} is live already.`);
  else {
    out.line(`${out.paint("bold", name)} is ${out.paint("green", "live")}: the files that come from now on are real.`);
    if (live.batches.length > 0)
      out.line("Those of the rehearsal are in no table; have what is needed of them sent again.");
  }
  result(live);
}
