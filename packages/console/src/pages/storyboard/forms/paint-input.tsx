import type { Paint } from "@inlet/contracts";
import { ColorInput, Group, Input, UnstyledButton } from "@mantine/core";
import { useId } from "react";
import { useEditor } from "../state/editor-context.ts";
import classes from "./paint-input.module.css";

interface PaintInputProps {
  label: string;
  value: Paint;
  error?: string | undefined;
  "data-path"?: string;
  onChange: (paint: Paint) => void;
}

const USUAL = ["#ffffff", "#000000", "#14171f", "#f5f1e8", "#c02626", "#13753f", "#2b4bff", "#ffb020"];

/** A colour: one of the brand's two, which changes with it everywhere, or any other. */
export function PaintInput({ label, value, error, onChange, ...rest }: PaintInputProps) {
  const { storyboard } = useEditor();
  const { colour, accent } = storyboard.brand;
  const id = useId();
  const shown = value === "brand" ? colour : value === "accent" ? accent : value;
  return (
    <Input.Wrapper label={label} labelProps={{ htmlFor: id }} size="xs" error={error}>
      <Group gap={6} wrap="nowrap">
        <Chip name="Brand" colour={colour} label={label} isOn={value === "brand"} onClick={() => onChange("brand")} />
        <Chip
          name="Accent"
          colour={accent}
          label={label}
          isOn={value === "accent"}
          onClick={() => onChange("accent")}
        />
        <ColorInput
          id={id}
          size="xs"
          flex={1}
          miw={0}
          swatches={USUAL}
          swatchesPerRow={8}
          withEyeDropper={false}
          value={shown}
          error={error !== undefined}
          onChange={(typed) => {
            if (/^#[0-9a-f]{6}$/i.test(typed) && typed.toLowerCase() !== shown.toLowerCase()) onChange(typed);
          }}
          fixOnBlur
          {...rest}
        />
      </Group>
    </Input.Wrapper>
  );
}

interface ChipProps {
  name: string;
  colour: string;
  label: string;
  isOn: boolean;
  onClick: () => void;
}

function Chip({ name, colour, label, isOn, onClick }: ChipProps) {
  return (
    <UnstyledButton
      className={classes.chip}
      aria-pressed={isOn}
      aria-label={`${label}: ${name.toLowerCase()}`}
      onClick={onClick}
    >
      <span className={classes.dot} style={{ backgroundColor: colour }} />
      {name}
    </UnstyledButton>
  );
}
