import { count } from "@inlet/contracts/figures";
import { Button, Group, Text } from "@mantine/core";
import { useState } from "react";
import { Ask } from "../../../parts/ask.tsx";
import { Mark } from "../../../parts/mark.tsx";
import classes from "./edit-bar.module.css";
import type { Editing } from "./use-editing.ts";

interface EditBarProps {
  editing: Editing;
  onReview: () => void;
}

/** Says, while something is not saved, whether it is right, and leads to saving it. */
export function EditBar({ editing, onReview }: EditBarProps) {
  const [asking, setAsking] = useState(false);
  if (!editing.isChanged) return null;
  return (
    <section className={classes.bar} aria-label="Unsaved changes">
      <Group gap="md" className={classes.words}>
        <Text fw={560}>Not saved yet</Text>
        <div role="status">
          <State editing={editing} />
        </div>
      </Group>
      <Group gap="xs">
        <Button variant="default" onClick={() => setAsking(true)}>
          Discard
        </Button>
        <Button onClick={onReview}>Review the changes</Button>
      </Group>
      <Ask
        opened={asking}
        onClose={() => setAsking(false)}
        title="Throw your changes away?"
        verb="Throw away"
        danger
        onYes={async () => editing.discard()}
      >
        The profile is shown as it is live. What you changed cannot be brought back.
      </Ask>
    </section>
  );
}

function State({ editing: { problems, isChecked, checkError, check } }: { editing: Editing }) {
  if (problems.length > 0) return <Mark tone="bad">{count(problems.length, "mistake")}</Mark>;
  if (checkError !== null) return <Mark tone="warning">It could not be checked</Mark>;
  if (!isChecked) return <Mark tone="busy">Checking</Mark>;
  const warnings = check?.warnings.length ?? 0;
  return warnings > 0 ? (
    <Mark tone="warning">Right, with {count(warnings, "warning")}</Mark>
  ) : (
    <Mark tone="good">Right so far</Mark>
  );
}
