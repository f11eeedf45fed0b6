import type { Condition } from "@inlet/contracts";
import { conditionWords } from "@inlet/storyboard";
import { ActionIcon, Alert, Autocomplete, Button, Group, Text, TextInput, UnstyledButton } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { Mark } from "../../../parts/mark.tsx";
import { withSetting } from "../../profile-parts/setting.ts";
import { ConditionEditor } from "../forms/condition-editor.tsx";
import { useField } from "../forms/field.ts";
import { FormPart } from "../forms/form-part.tsx";
import { usePreview } from "../preview/preview-context.ts";
import type { Draft } from "../state/draft.ts";
import { useEditor } from "../state/editor-context.ts";
import { freshName } from "../state/scenes.ts";
import classes from "./rules-tab.module.css";
import { unmetBy } from "./unmet.ts";

/** Who sees what: which rows get a link, which scenes play for them, and what stands in where they say nothing. */
export function RulesTab({ onScene }: { onScene: (scene: number) => void }) {
  return (
    <>
      <Scenes onScene={onScene} />
      <Groups />
      <Requirements />
      <Fallbacks />
    </>
  );
}

function Scenes({ onScene }: { onScene: (scene: number) => void }) {
  const { draft, storyboard, selection } = useEditor();
  const { film, row, isForced } = usePreview();
  const groups = new Map(storyboard.groups.map(({ name, when }) => [name, when]));
  return (
    <FormPart title={`Which scenes play, ticked for ${row.name}`}>
      <ul className={classes.list}>
        {draft.scenes.map((scene, at) => {
          const rules = [scene.when, scene.group === undefined ? undefined : groups.get(scene.group)];
          const words = rules.flatMap((each) => (each === undefined ? [] : conditionWords(each as Condition)));
          const isShownAnyway = isForced && selection.scene === at;
          const plays = film.scenes.some(({ name }) => name === scene.name) && !isShownAnyway;
          return (
            // biome-ignore lint/suspicious/noArrayIndexKey: two may have one name while it is typed
            <li key={`${at} ${scene.name}`}>
              <UnstyledButton className={classes.scene} onClick={() => onScene(at)}>
                <span>
                  <b>{scene.name}</b> plays {words.length === 0 ? "for everybody" : `when ${words.join(", and ")}`}
                </span>
                <Mark tone={plays ? "good" : "still"} compact>
                  {plays ? `It plays for ${row.name}` : `It does not play for ${row.name}`}
                </Mark>
              </UnstyledButton>
            </li>
          );
        })}
      </ul>
    </FormPart>
  );
}

function Groups() {
  const { draft, change } = useEditor();
  const field = useField();
  const groups = draft.groups ?? [];
  const set = (next: NonNullable<Draft["groups"]>, key?: string) =>
    change(withSetting(draft, "groups", next), key === undefined ? {} : { key });
  const rename = (at: number, name: string) => {
    const before = groups[at]!.name;
    const scenes = draft.scenes.map((scene) => (scene.group === before ? { ...scene, group: name } : scene));
    change({ ...draft, scenes, groups: groups.with(at, { ...groups[at]!, name }) }, { key: `groups.${at}.name` });
  };
  const remove = (at: number) => {
    const { name } = groups[at]!;
    const scenes = draft.scenes.map(({ group, ...scene }) =>
      group === name || group === undefined ? scene : { ...scene, group },
    );
    change(withSetting({ ...draft, scenes }, "groups", groups.toSpliced(at, 1)));
  };
  return (
    <FormPart
      title="Groups of scenes"
      actions={
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() =>
            set([
              ...groups,
              {
                name: freshName(
                  groups.map(({ name }) => name),
                  "group",
                ),
              },
            ])
          }
        >
          Add
        </Button>
      }
    >
      {groups.length === 0 && (
        <Text fz="sm" c="var(--quiet)">
          Scenes of a group play together or not at all: one rule for several.
        </Text>
      )}
      {groups.map((group, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a group whose name is being typed stays the same
        <div key={at} className={classes.card}>
          <Group gap={6} wrap="nowrap" align="flex-end">
            <TextInput
              size="xs"
              label="Name"
              flex={1}
              maxLength={60}
              value={group.name}
              {...field(["groups", at, "name"])}
              onChange={(event) => rename(at, event.currentTarget.value.toLowerCase().replaceAll(/[^a-z0-9-]+/g, "-"))}
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={3}
              aria-label={`Remove the group ${group.name}`}
              onClick={() => remove(at)}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </Group>
          <ConditionEditor
            what="Its scenes play"
            otherwise="for everybody"
            value={group.when}
            path={["groups", at, "when"]}
            onChange={(when) => set(groups.with(at, withSetting(group, "when", when)), `groups.${at}.when`)}
          />
        </div>
      ))}
    </FormPart>
  );
}

function Requirements() {
  const { draft, storyboard, change, columns } = useEditor();
  const { row } = usePreview();
  const field = useField();
  const requirements = draft.requirements ?? [];
  const set = (next: NonNullable<Draft["requirements"]>, key?: string) =>
    change(withSetting(draft, "requirements", next), key === undefined ? {} : { key });
  const unmet = unmetBy(storyboard, row);
  return (
    <FormPart
      title="Which rows get a link"
      actions={
        <Button
          size="compact-xs"
          variant="default"
          leftSection={<IconPlus size={13} aria-hidden />}
          onClick={() => {
            const column = columns[0]?.name ?? "";
            set([
              ...requirements,
              { condition: { all: [{ field: column, is: "filled" }] }, message: `${column} is empty` },
            ]);
          }}
        >
          Add
        </Button>
      }
    >
      {requirements.length === 0 && (
        <Text fz="sm" c="var(--quiet)">
          Every row gets one. Say here what a row must have; one that lacks it is imported, gets no link, and your
          message stands in the error file.
        </Text>
      )}
      {unmet.length > 0 && (
        <Alert color="yellow" variant="light" p="xs" title={`${row.name} gets no link`}>
          {unmet.join("; ")}
        </Alert>
      )}
      {requirements.map((requirement, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a requirement has no name of its own
        <div key={at} className={classes.card}>
          <ConditionEditor
            what="A row gets a link"
            otherwise="always"
            needed
            value={requirement.condition}
            path={["requirements", at, "condition"]}
            onChange={(condition) =>
              condition && set(requirements.with(at, { ...requirement, condition }), `requirements.${at}.condition`)
            }
          />
          <Group gap={6} wrap="nowrap" align="flex-end">
            <TextInput
              size="xs"
              label="Otherwise its sender is told"
              flex={1}
              maxLength={300}
              value={requirement.message}
              {...field(["requirements", at, "message"])}
              onChange={(event) =>
                set(
                  requirements.with(at, { ...requirement, message: event.currentTarget.value }),
                  `requirements.${at}.message`,
                )
              }
            />
            <ActionIcon
              variant="subtle"
              color="gray"
              mb={3}
              aria-label={`Remove requirement ${at + 1}`}
              onClick={() => set(requirements.toSpliced(at, 1))}
            >
              <IconTrash size={15} aria-hidden />
            </ActionIcon>
          </Group>
        </div>
      ))}
    </FormPart>
  );
}

function Fallbacks() {
  const { draft, change, columns } = useEditor();
  const field = useField();
  const [column, setColumn] = useState("");
  const fallbacks = draft.fallbacks ?? {};
  const set = (next: Record<string, string>, key?: string) =>
    change(
      withSetting(draft, "fallbacks", Object.keys(next).length === 0 ? undefined : next),
      key === undefined ? {} : { key },
    );
  const free = columns.map(({ name }) => name).filter((name) => !Object.hasOwn(fallbacks, name));
  const add = (name: string) => {
    if (!/^[A-Za-z][A-Za-z0-9_]*$/.test(name) || Object.hasOwn(fallbacks, name)) return;
    set({ ...fallbacks, [name]: "" });
    setColumn("");
  };
  return (
    <FormPart title="Where a cell is empty">
      <Text fz="xs" c="var(--quiet)">
        These words stand in, unless a text names words of its own: {"{{first_name|friend}}"}.
      </Text>
      {Object.entries(fallbacks).map(([name, words]) => (
        <Group key={name} gap={6} wrap="nowrap" align="flex-end">
          <TextInput
            size="xs"
            label={name}
            flex={1}
            maxLength={200}
            placeholder="Nothing"
            value={words}
            {...field(["fallbacks", name])}
            onChange={(event) => set({ ...fallbacks, [name]: event.currentTarget.value }, `fallbacks.${name}`)}
          />
          <ActionIcon
            variant="subtle"
            color="gray"
            mb={3}
            aria-label={`Remove the words for ${name}`}
            onClick={() => {
              const { [name]: _, ...others } = fallbacks;
              set(others);
            }}
          >
            <IconTrash size={15} aria-hidden />
          </ActionIcon>
        </Group>
      ))}
      <Autocomplete
        size="xs"
        aria-label="Add words for a column"
        placeholder="Add words for a column …"
        data={free}
        value={column}
        onChange={setColumn}
        onOptionSubmit={add}
        onKeyDown={(event) => {
          if (event.key === "Enter") add(column);
        }}
      />
    </FormPart>
  );
}
