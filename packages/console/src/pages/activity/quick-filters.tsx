import { PageLink } from "../../parts/links.tsx";
import { type Filters, STATUS_GROUPS } from "./filters.ts";
import classes from "./quick-filters.module.css";

/** The statuses that people ask for together, one click each; the other filters stay. */
export function QuickFilters({ filters }: { filters: Filters }) {
  const { status: chosen = "", ...rest } = filters;
  const groups = [{ label: "All", statuses: [] }, ...STATUS_GROUPS];
  return (
    <nav aria-label="Batches by what they need" className={classes.groups}>
      {groups.map(({ label, statuses }) => {
        const status = statuses.join(",");
        return (
          <PageLink
            key={label}
            to="/activity"
            search={status === "" ? rest : { ...rest, status }}
            replace
            underline="never"
            className={classes.group}
            data-chosen={status === chosen || undefined}
            aria-current={status === chosen ? "true" : undefined}
          >
            {label}
          </PageLink>
        );
      })}
    </nav>
  );
}
