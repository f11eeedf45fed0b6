import { usageFailure } from "./failure.ts";

/** `client/project` as its parts. @throws CliFailure */
export function readProjectName(text: string): { client: string; project: string } {
  const [client, project, ...rest] = text.split("/");
  if (!client || !project || rest.length > 0) {
    throw usageFailure(`“${text}” is no project: write client/project, as \`inlet projects\` lists them.`);
  }
  return { client, project };
}

/** A filter: `project` alone, or `client/project`. */
export function readProjectFilter(text: string | undefined): { client?: string; project?: string } {
  if (text === undefined) return {};
  return text.includes("/") ? readProjectName(text) : { project: text };
}
