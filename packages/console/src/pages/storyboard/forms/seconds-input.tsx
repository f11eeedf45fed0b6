import { NumberInput, type NumberInputProps } from "@mantine/core";

interface SecondsInputProps extends Omit<NumberInputProps, "value" | "onChange" | "min" | "max"> {
  valueMs: number | undefined;
  minMs?: number;
  maxMs?: number;
  /** Undefined: the field is empty. */
  onMs: (ms: number | undefined) => void;
}

/** A time in seconds; the storyboard counts milliseconds. */
export function SecondsInput({ valueMs, minMs = 0, maxMs, onMs, ...props }: SecondsInputProps) {
  return (
    <NumberInput
      size="xs"
      suffix=" s"
      decimalScale={2}
      step={0.1}
      min={minMs / 1_000}
      {...(maxMs !== undefined && { max: maxMs / 1_000 })}
      {...props}
      value={valueMs === undefined ? "" : valueMs / 1_000}
      onChange={(value) => {
        const ms = typeof value === "number" ? Math.round(value * 1_000) : undefined;
        // What the field shows anyway is no edit.
        if (ms !== valueMs) onMs(ms);
      }}
    />
  );
}
