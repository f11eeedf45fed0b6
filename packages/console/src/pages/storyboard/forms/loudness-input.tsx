import { NumberInput } from "@mantine/core";
import { type Path, useField } from "./field.ts";
import { numberOf } from "./form-values.ts";

interface LoudnessInputProps {
  /** 0 to 1. */
  volume: number;
  path: Path;
  onChange: (volume: number) => void;
}

/** How loud a sound plays, in percent. */
export function LoudnessInput({ volume, path, onChange }: LoudnessInputProps) {
  const field = useField();
  return (
    <NumberInput
      size="xs"
      label="Loudness"
      suffix=" %"
      min={0}
      max={100}
      value={Math.round(volume * 100)}
      {...field(path)}
      onChange={(value) => {
        const percent = numberOf(value);
        if (percent !== undefined) onChange(percent / 100);
      }}
    />
  );
}
