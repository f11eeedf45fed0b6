import { Alert, Anchor, List, Text } from "@mantine/core";
import { pathText } from "./path-text.ts";
import type { PlacedProblem } from "./use-editing.ts";

interface ProblemListProps {
  problems: readonly PlacedProblem[];
  /** Shows a line of the text. */
  onLine: (line: number) => void;
}

/** More of them than one can mend at a time are not shown at once. */
const SHOWN = 20;

/** Everything that is wrong, with the way to the line. */
export function ProblemList({ problems, onLine }: ProblemListProps) {
  if (problems.length === 0) return null;
  return (
    <Alert
      color="red"
      variant="light"
      title={problems.length === 1 ? "One thing is not right yet" : `${problems.length} things are not right yet`}
    >
      <List size="sm" spacing={4}>
        {problems.slice(0, SHOWN).map(({ path, message, place }) => (
          <List.Item key={`${path.join(".")} ${place.from} ${message}`}>
            <Anchor component="button" type="button" fz="sm" onClick={() => onLine(place.line)}>
              Line {place.line}
            </Anchor>
            {path.length > 0 && (
              <>
                , <code>{pathText(path)}</code>
              </>
            )}
            : {message}
          </List.Item>
        ))}
      </List>
      {problems.length > SHOWN && <Text fz="sm">And {problems.length - SHOWN} more.</Text>}
    </Alert>
  );
}
