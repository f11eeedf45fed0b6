import { Kbd, Stack, Text } from "@mantine/core";
import { lazy, Suspense, useId } from "react";
import { Waiting } from "../../../../parts/states.tsx";
import type { PlacedProblem } from "../use-editing.ts";

/** The editor is larger than all of the console's first load: it comes when it is needed. */
const YamlEditor = lazy(async () => ({ default: (await import("./yaml-editor.tsx")).YamlEditor }));

interface YamlViewProps {
  text: string;
  problems?: readonly PlacedProblem[];
  /** Undefined: it is only looked at. */
  onChange?: (text: string) => void;
  place?: { line: number } | undefined;
}

/** A profile as YAML. */
export function YamlView({ text, problems = [], onChange, place }: YamlViewProps) {
  const hint = useId();
  return (
    <Stack gap="xs">
      <Suspense fallback={<Waiting lines={12} label="Loading the editor" />}>
        <YamlEditor
          text={text}
          problems={problems}
          onChange={onChange}
          place={place}
          {...(onChange !== undefined && { describedBy: hint })}
        />
      </Suspense>
      {onChange !== undefined && (
        <Text fz="sm" c="var(--quiet)" id={hint}>
          Tab indents. To leave the editor by keyboard, press <Kbd>Esc</Kbd> and then <Kbd>Tab</Kbd>. Comments are yours
          while you edit; they are not saved.
        </Text>
      )}
    </Stack>
  );
}
