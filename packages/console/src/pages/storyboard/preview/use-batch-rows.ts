import { useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useMemo, useState } from "react";
import { wordsOf } from "../../../api/failure.ts";
import { notify } from "../../../parts/notify.ts";
import type { ProjectPath } from "../../project/project-queries.ts";
import { sampleRowsQuery } from "../storyboard-queries.ts";
import { type PreviewRow, recordRows } from "./preview-row.ts";

export interface BatchRows {
  rows: readonly PreviewRow[];
  isLoading: boolean;
  /** Asks for them. They are recipients' own, and asking is noted in the history: nobody does so by opening a page. */
  take: () => void;
}

/** Rows of the project's newest file, once somebody has asked for them. */
export function useBatchRows(path: ProjectPath): BatchRows {
  const [wanted, setWanted] = useState(false);
  const { data, error, isFetching } = useQuery({ ...sampleRowsQuery(path, undefined), enabled: wanted, retry: false });
  const rows = useMemo(() => (data === undefined ? [] : recordRows(data)), [data]);
  useEffect(() => {
    if (!wanted) return;
    if (error !== null) notify(wordsOf(error).detail);
    else if (data?.batch === null) notify("No file with rows has come yet.");
    else if (data?.batch)
      notify(`${data.rows.length} rows of ${data.batch.fileName}. That they were looked at stands in the audit log.`);
  }, [wanted, data, error]);
  const take = useCallback(() => setWanted(true), []);
  return { rows, isLoading: isFetching && wanted, take };
}
