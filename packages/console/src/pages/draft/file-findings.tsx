import type { DraftFinding } from "@inlet/contracts";
import { Alert } from "@mantine/core";
import { IconAlertTriangle, IconFileX } from "@tabler/icons-react";

/** What is wrong with the file as a whole, or with its line of column names. */
export function FileFindings({ findings }: { findings: readonly DraftFinding[] }) {
  return findings.map((finding, index) => (
    <Alert
      // biome-ignore lint/suspicious/noArrayIndexKey: the list is made anew by each check
      key={index}
      color={finding.severity === "error" ? "red" : "yellow"}
      variant="light"
      icon={
        finding.severity === "error" ? <IconFileX size={18} aria-hidden /> : <IconAlertTriangle size={18} aria-hidden />
      }
    >
      {finding.line !== null && <b>Line {finding.line}: </b>}
      {finding.message}
    </Alert>
  ));
}
