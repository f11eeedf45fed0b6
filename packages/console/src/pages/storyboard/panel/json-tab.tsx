import { Button, Group, Text } from "@mantine/core";
import { lazy, Suspense, useEffect, useMemo, useRef, useState } from "react";
import { Waiting } from "../../../parts/states.tsx";
import type { Path } from "../forms/field.ts";
import { useEditor } from "../state/editor-context.ts";
import { jsonOf, placesIn, readJson } from "../state/json-text.ts";
import { isDraft } from "../state/read-draft.ts";
import classes from "./json-tab.module.css";

const JsonEditor = lazy(async () => ({ default: (await import("./json-editor.tsx")).JsonEditor }));

/** The storyboard as text. What can be read of it is the storyboard at once; what cannot stays here until it is mended. */
export function JsonTab({ goTo }: { goTo: { path: Path } | undefined }) {
  const { draft, change, problems, selection, isReadOnly } = useEditor();
  const [text, setText] = useState(() => jsonOf(draft));
  // What the text last said; another storyboard came of somewhere else.
  const said = useRef(draft);
  useEffect(() => {
    if (said.current === draft) return;
    said.current = draft;
    setText(jsonOf(draft));
  }, [draft]);
  const read = useMemo(() => readJson(text), [text]);
  const mistake =
    "mistake" in read
      ? read.mistake
      : isDraft(read.value)
        ? undefined
        : {
            message:
              "This is no storyboard: it has a title and scenes, each with a name, a durationMs and layers in boxes.",
            from: 0,
            to: 1,
            line: 1,
          };
  const placed = useMemo(() => {
    if (mistake !== undefined) return [mistake];
    const placeOf = placesIn(text);
    return problems.map(({ path, message, severity }) => ({ message, severity, ...placeOf(path) }));
  }, [mistake, problems, text]);
  const type = (next: string) => {
    setText(next);
    const typed = readJson(next);
    if (!("value" in typed) || !isDraft(typed.value)) return;
    if (jsonOf(typed.value) === jsonOf(said.current)) return;
    said.current = typed.value;
    change(typed.value, { key: "json" });
  };
  // What is selected is looked at; what was asked for also gets the keyboard.
  const { scene, layer } = selection;
  // biome-ignore lint/correctness/useExhaustiveDependencies: typing on does not jump again
  const place = useMemo(() => {
    if (mistake !== undefined) return undefined;
    const setting = goTo?.path ?? ["scenes", scene, ...(layer === undefined ? [] : ["layers", layer])];
    return { from: placesIn(text)(setting).from, isAsked: goTo !== undefined };
  }, [goTo, scene, layer]);
  return (
    <div className={classes.tab} data-own-undo>
      {mistake !== undefined && (
        <Group className={classes.mistake} wrap="nowrap" justify="space-between" role="alert">
          <Text fz="sm">
            Line {mistake.line}: {mistake.message} Until it is mended, the storyboard stays as it was.
          </Text>
          <Button size="compact-xs" variant="default" onClick={() => setText(jsonOf(draft))}>
            Take it back
          </Button>
        </Group>
      )}
      <Suspense fallback={<Waiting lines={12} label="Loading the editor" />}>
        <JsonEditor text={text} problems={placed} onChange={isReadOnly ? undefined : type} place={place} />
      </Suspense>
    </div>
  );
}
