import { figure } from "@inlet/contracts/figures";
import { Alert, List } from "@mantine/core";
import { PageLink } from "../../parts/links.tsx";
import type { Retried } from "./retrying.ts";

/** Refusals that are told one by one; mostly they have one reason. */
const MOST_TOLD = 5;

/** What became of a retry of many. */
export function RetryOutcome({ outcome: { retried, refused }, onClose }: { outcome: Retried; onClose: () => void }) {
  return (
    <Alert
      color={refused.length > 0 ? "yellow" : "green"}
      variant="light"
      radius={0}
      role="status"
      withCloseButton
      closeButtonLabel="Close"
      onClose={onClose}
      title={`${figure(retried)} ${retried === 1 ? "batch was" : "batches were"} set under way again.`}
    >
      {refused.length > 0 && (
        <List size="sm">
          {refused.slice(0, MOST_TOLD).map(({ batchId, why }) => (
            <List.Item key={batchId}>
              <PageLink to="/batches/$batchId" params={{ batchId: String(batchId) }}>
                Batch {batchId}
              </PageLink>{" "}
              was not retried: {why}
            </List.Item>
          ))}
          {refused.length > MOST_TOLD && <List.Item>{figure(refused.length - MOST_TOLD)} more were not.</List.Item>}
        </List>
      )}
    </Alert>
  );
}
