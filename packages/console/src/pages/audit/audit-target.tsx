import { PageLink } from "../../parts/links.tsx";

/** What something was done to: a batch, a run or a project leads to its page. */
export function AuditTarget({ path }: { path: string | null }) {
  if (path === null) return null;
  const [kind = "", first = "", second] = path.split("/");
  if (kind === "batch" && /^\d+$/.test(first)) {
    return (
      <PageLink to="/batches/$batchId" params={{ batchId: first }} py={4}>
        {path}
      </PageLink>
    );
  }
  if (kind === "run" && /^\d+$/.test(first) && second === undefined) {
    return (
      <PageLink to="/runs/$runId" params={{ runId: first }} py={4}>
        {path}
      </PageLink>
    );
  }
  return path;
}
