import type { Rehearsal } from "@inlet/contracts";
import { EXIT } from "../exit-codes.ts";
import { usageFailure } from "../failure.ts";
import { followRehearsal } from "../follow.ts";
import { interruptible } from "../interrupt.ts";
import { openLiveArea } from "../live-area.ts";
import { readProjectName } from "../project-name.ts";
import { rehearsalText, rehearsalTextIn } from "../rehearsal-text.ts";
import { type GlobalOptions, openSession, type Session } from "../session.ts";

interface RehearseOptions extends GlobalOptions {
  project: string;
  watch?: boolean;
  begin?: boolean;
  reason?: string;
}

/** Shows what was seen of a project's rehearsal. Returns whether it has passed, as an exit code. */
export async function rehearse(options: RehearseOptions): Promise<number> {
  const { client, project } = readProjectName(options.project);
  const { begin, reason } = options;
  if (reason !== undefined && !begin) throw usageFailure("--reason goes with --begin.");
  const session = await openSession(options);
  const { api, out, result } = session;
  let seen = begin ? await api.beginRehearsal(client, project, { reason }) : await api.rehearsal(client, project);
  const isDrawn = options.watch === true && out.isTTY;
  if (options.watch && !isOver(seen)) seen = await watch(session, options.project);
  if (!isDrawn || isOver(seen)) for (const line of rehearsalText(seen, out, new Date())) out.line(line);
  result(seen);
  return seen.passed || seen.state === "live" ? EXIT.ok : EXIT.endedBadly;
}

const isOver = ({ passed, state }: Rehearsal) => passed || state === "live";

/** Draws the checklist anew as more is seen, until it has passed; in a pipe it waits. */
async function watch({ api, out }: Session, name: string): Promise<Rehearsal> {
  const { client, project } = readProjectName(name);
  const area = openLiveArea(out);
  const draw = (rehearsal: Rehearsal) =>
    area.draw(rehearsalTextIn(process.stdout.rows ?? 24, rehearsal, out, new Date()));
  try {
    return await interruptible(
      () => `The rehearsal goes on; \`inlet rehearse --project ${name}\` shows it.`,
      (signal) => followRehearsal(api, { client, project }, { onLook: draw, isOver, signal }),
    );
  } finally {
    area.clear();
  }
}
