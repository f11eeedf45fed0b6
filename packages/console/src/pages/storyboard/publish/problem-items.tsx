import { count } from "@inlet/contracts/figures";
import { Anchor, List } from "@mantine/core";
import type { Path } from "../forms/field.ts";
import { settingWords } from "../panel/tabs.ts";
import type { DraftProblem } from "../state/editor-context.ts";
import { useEditor } from "../state/editor-context.ts";
import { alikeProblems } from "./alike-problems.ts";

/** What is wrong, each with the way to its field. */
export function ProblemItems({
  problems,
  onProblem,
}: {
  problems: readonly DraftProblem[];
  onProblem: (path: Path) => void;
}) {
  const { draft } = useEditor();
  const names = draft.scenes.map(({ name }) => name);
  return (
    <List size="sm" spacing={6}>
      {alikeProblems(problems)
        .slice(0, 30)
        .map(({ path, message, elsewhere }) => (
          <List.Item key={`${path.join(".")} ${message}`}>
            <Anchor component="button" type="button" fz="sm" ta="start" onClick={() => onProblem(path)}>
              {settingWords(path, names) || "Storyboard"}
            </Anchor>
            {elsewhere > 0 && <> and {count(elsewhere, "other place")}</>}: {message}
          </List.Item>
        ))}
    </List>
  );
}
