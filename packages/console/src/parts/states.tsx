import { Alert, Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { wordsOf } from "../api/failure.ts";
import classes from "./states.module.css";

/** What stands where an answer is awaited. */
export function Waiting({ lines = 6, label = "Loading" }: { lines?: number; label?: string }) {
  const widths = ["92%", "78%", "85%", "64%"];
  return (
    <Stack gap="sm" py="xs" role="status" aria-label={label} data-state="waiting">
      {Array.from({ length: lines }, (_, line) => line).map((line) => (
        <Skeleton key={line} height={14} width={widths[line % widths.length]} radius="sm" />
      ))}
    </Stack>
  );
}

/** So many mistakes of a request are told; those that follow mostly come of them. */
const MOST_MISTAKES = 8;

/** Why something cannot be shown, in the API's own words, and the way on. */
export function Failure({ error, retry }: { error: unknown; retry?: () => void }) {
  const { title, detail, mistakes, requestId } = wordsOf(error);
  return (
    <Alert
      color="red"
      variant="light"
      icon={<IconAlertTriangle size={18} aria-hidden />}
      title={title}
      role="alert"
      data-state="failed"
    >
      <Text fz="sm">{detail}</Text>
      {mistakes.length > 0 && (
        <ul className={classes.mistakes}>
          {mistakes.slice(0, MOST_MISTAKES).map((mistake) => (
            <li key={mistake}>{mistake}</li>
          ))}
        </ul>
      )}
      {requestId !== undefined && (
        <Text fz="xs" c="var(--quiet)" mt={4}>
          Request {requestId}
        </Text>
      )}
      {retry !== undefined && (
        <Button size="xs" variant="light" color="red" mt="sm" onClick={retry}>
          Try again
        </Button>
      )}
    </Alert>
  );
}

interface NothingProps {
  icon?: ReactNode;
  title: string;
  /** What to do next. */
  children?: ReactNode;
  action?: ReactNode;
}

/** An empty list: why it is empty and what comes next. */
export function Nothing({ icon, title, children, action }: NothingProps) {
  return (
    <Stack align="center" gap="xs" className={classes.nothing}>
      {icon !== undefined && (
        <div className={classes.icon} aria-hidden>
          {icon}
        </div>
      )}
      <Title order={3}>{title}</Title>
      {children !== undefined && (
        <Text component="div" c="var(--quiet)" fz="sm" ta="center" maw={460}>
          {children}
        </Text>
      )}
      {action}
    </Stack>
  );
}
