import type { AssetChoice } from "@inlet/contracts";
import { Button, FileButton, Group, Input, Loader, Select, Stack, Switch, Text, TextInput } from "@mantine/core";
import { IconUpload } from "@tabler/icons-react";
import { useEffect, useId, useRef, useState } from "react";
import type { Path } from "../forms/field.ts";
import { useField } from "../forms/field.ts";
import { useEditor } from "../state/editor-context.ts";
import { acceptOf, type Fitting } from "./asset-name.ts";
import classes from "./asset-picker.module.css";
import { useLibrary } from "./library.ts";
import { Thumb } from "./thumb.tsx";
import { useDrop } from "./use-drop.ts";

interface AssetPickerProps {
  label: string;
  kinds: readonly Fitting[];
  value: AssetChoice | undefined;
  path: Path;
  /** Each row may choose another one. */
  byRow?: boolean;
  clearable?: boolean;
  placeholder?: string;
  onChange: (choice: AssetChoice | undefined) => void;
}

/** Which file a place shows: one of the project's, or a new one, picked or dropped. */
export function AssetPicker(props: AssetPickerProps) {
  const { label, kinds, value, path, byRow = false, clearable = false, placeholder = "None", onChange } = props;
  const { assets, stored, upload } = useLibrary();
  const { isReadOnly } = useEditor();
  const field = useField();
  const id = useId();
  const [busy, setBusy] = useState(false);
  const latest = useRef<typeof onChange>(undefined);
  useEffect(() => {
    latest.current = onChange;
    return () => {
      latest.current = undefined;
    };
  });
  const isTemplate = typeof value === "object";
  const name = typeof value === "string" ? value : undefined;
  const fitting = Object.values(stored).filter(({ kind }) => kinds.includes(kind));
  const names = fitting.map((asset) => asset.name);
  const pending = assets.find((each) => each.name === name && each.state !== "ready");
  const take = async (files: readonly File[]) => {
    if (isReadOnly || files.length === 0) return;
    setBusy(true);
    const [first] = await upload(files);
    setBusy(false);
    // The storyboard may have changed meanwhile, or this place of it may be gone.
    if (first !== undefined) latest.current?.(first);
  };
  const drop = useDrop((files) => void take(files));
  return (
    <Stack gap={6}>
      {!isTemplate && (
        <Input.Wrapper size="xs" label={label} labelProps={{ htmlFor: id }} error={field(path).error}>
          <div className={classes.drop} {...drop}>
            <Select
              id={id}
              size="xs"
              flex={1}
              data-path={path.join(".")}
              searchable
              clearable={clearable}
              clearButtonProps={{ "aria-label": `No ${label.toLowerCase()}` }}
              placeholder={placeholder}
              nothingFoundMessage={`No such file. Drop one here, or upload it.`}
              data={name === undefined || names.includes(name) ? names : [name, ...names]}
              value={name ?? null}
              allowDeselect={false}
              leftSection={
                busy ? <Loader size={14} /> : name !== undefined && stored[name] && <Thumb asset={stored[name]} />
              }
              leftSectionWidth={name !== undefined && stored[name] ? 44 : undefined}
              renderOption={({ option }) => (
                <Group gap="xs" wrap="nowrap">
                  {stored[option.value] && <Thumb asset={stored[option.value]!} />}
                  <Text fz="xs" className={classes.name}>
                    {option.value}
                  </Text>
                </Group>
              )}
              onChange={(next) => onChange(next ?? undefined)}
            />
            <FileButton accept={acceptOf(kinds)} onChange={(file) => void take(file === null ? [] : [file])}>
              {(button) => (
                <Button
                  {...button}
                  size="xs"
                  variant="default"
                  px="xs"
                  aria-label={`Upload: ${label.toLowerCase()}`}
                  title="Upload a file, or drop it here"
                >
                  <IconUpload size={14} aria-hidden />
                </Button>
              )}
            </FileButton>
          </div>
        </Input.Wrapper>
      )}
      {isTemplate && (
        <Group gap="xs" wrap="nowrap" align="flex-start" grow>
          <TextInput
            size="xs"
            label={`${label}, by the row`}
            maxLength={200}
            value={value.name}
            {...field([...path, "name"])}
            onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
          />
          <Select
            size="xs"
            label="Where there is none"
            placeholder="Nothing"
            clearable
            data={names}
            value={value.fallback ?? null}
            {...field([...path, "fallback"])}
            onChange={(fallback) => onChange({ name: value.name, ...(fallback !== null && { fallback }) })}
          />
        </Group>
      )}
      {pending !== undefined && (
        <Text fz="xs" c={pending.state === "refused" ? "var(--bad)" : "var(--quiet)"} role="status">
          {pending.state === "refused" ? pending.refusal?.message : `${pending.name} is being made ready.`}
        </Text>
      )}
      {byRow && (
        <Switch
          size="xs"
          label="Each row chooses its own"
          description={isTemplate ? "A file's name with values in it, such as {{product}}.webp" : undefined}
          checked={isTemplate}
          onChange={(event) =>
            onChange(
              event.currentTarget.checked
                ? { name: "", ...(name !== undefined && { fallback: name }) }
                : isTemplate
                  ? (value.fallback ?? names[0])
                  : undefined,
            )
          }
        />
      )}
    </Stack>
  );
}
