import type { Draft, DraftCheck } from "@inlet/contracts";
import { count } from "@inlet/contracts/figures";
import { Button, Progress, Text } from "@mantine/core";
import { IconAlertTriangle, IconCheck, IconLoader2, IconX, type TablerIcon } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import classes from "./check-bar.module.css";
import { draftQuery } from "./draft-query.ts";

type Colour = "good" | "bad" | "warning" | "busy";
const SIGNS: Readonly<Record<Colour, TablerIcon>> = {
  good: IconCheck,
  bad: IconX,
  warning: IconAlertTriangle,
  busy: IconLoader2,
};

/** The green bar or the red one: what the check says, what submitting would do, and the way on. */
export function CheckBar({ draft }: { draft: Draft }) {
  const { check } = draft;
  const isChecking = draft.state === "checking" || check === null || !check.isCurrent;
  const colour: Colour = isChecking ? "busy" : colourOf(check);
  const Sign = SIGNS[colour];
  const queryClient = useQueryClient();
  const submit = useMutation({
    mutationFn: () => api.submitDraft(draft.id),
    // The draft alone: nobody asks for the rows of a file that is submitted.
    onSettled: () => queryClient.invalidateQueries({ queryKey: draftQuery(draft.id).queryKey, exact: true }),
  });
  return (
    <>
      <div className={classes.bar} data-colour={colour} role="status" aria-live="polite">
        <Sign size={22} className={classes.sign} aria-hidden />
        <div className={classes.words}>
          <Text fw={640} fz="lg" component="div">
            {isChecking ? "The structural check is running" : headlineOf(check)}
          </Text>
          <Text component="div">{isChecking ? progressText(draft) : outcomeText(check)}</Text>
          {isChecking && draft.progress !== null && draft.progress.totalBytes > 0 && (
            <Progress
              mt={6}
              size="sm"
              value={(draft.progress.doneBytes / draft.progress.totalBytes) * 100}
              aria-label="Checked"
            />
          )}
        </div>
        {!draft.trial && (
          <Button
            size="md"
            disabled={isChecking || !check.canSubmit}
            loading={submit.isPending}
            onClick={() => submit.mutate()}
          >
            Submit
          </Button>
        )}
      </div>
      {submit.isError && <Failure error={submit.error} />}
    </>
  );
}

function colourOf({ verdict, findings }: DraftCheck): Colour {
  if (verdict === "fail") return "bad";
  return findings.errors > 0 ? "warning" : "good";
}

function headlineOf(check: DraftCheck): string {
  if (check.verdict === "fail") return "The file does not pass the structural check";
  if (check.findings.errors > 0) {
    return `The file can be submitted, without ${count(check.counts.rejected, "row")}`;
  }
  return "The file passes the structural check";
}

function outcomeText({ policy, missing, columns }: DraftCheck): string {
  const mayBeThere = missing.length > 0 && columns.some(({ column }) => column === null);
  return mayBeThere ? `${policy.outcome} If the file calls it otherwise, choose it below.` : policy.outcome;
}

function progressText({ progress }: Draft): string {
  if (progress?.phase === "waiting") return "Others are checked first.";
  return progress?.phase === "opening" ? "The file is opened." : "Every row and every cell is looked at.";
}
