import type { MotionKind } from "@inlet/contracts";
import { Group, NativeSelect } from "@mantine/core";
import { type Path, useField } from "./field.ts";
import { SecondsInput } from "./seconds-input.tsx";

interface Motion {
  kind?: MotionKind | undefined;
  durationMs?: number | undefined;
}

interface MotionFieldsProps {
  label: string;
  value: Motion | undefined;
  /** What it is where nothing is said. */
  usual: MotionKind;
  path: Path;
  onChange: (motion: Motion | undefined) => void;
}

const MOTIONS: readonly { value: MotionKind; label: string }[] = [
  { value: "none", label: "At once" },
  { value: "fade", label: "Fade" },
  { value: "slide_up", label: "Slide up" },
  { value: "slide_down", label: "Slide down" },
  { value: "slide_left", label: "Slide to the left" },
  { value: "slide_right", label: "Slide to the right" },
  { value: "zoom", label: "Zoom" },
  { value: "pop", label: "Pop" },
];

const USUAL_MS = 500;

/** How a layer comes, or goes, and how long that takes. */
export function MotionFields({ label, value, usual, path, onChange }: MotionFieldsProps) {
  const field = useField();
  const kind = value?.kind ?? usual;
  const durationMs = value?.durationMs ?? USUAL_MS;
  const set = (next: { kind: MotionKind; durationMs: number }) => {
    const isUsual = next.kind === usual && next.durationMs === USUAL_MS;
    onChange(
      isUsual
        ? undefined
        : {
            ...(next.kind !== usual && { kind: next.kind }),
            ...(next.durationMs !== USUAL_MS && { durationMs: next.durationMs }),
          },
    );
  };
  return (
    <Group gap="xs" wrap="nowrap" align="flex-end">
      <NativeSelect
        size="xs"
        label={label}
        flex={1}
        data={[...MOTIONS]}
        value={kind}
        {...field([...path, "kind"])}
        onChange={(event) => set({ kind: event.currentTarget.value as MotionKind, durationMs })}
      />
      <SecondsInput
        aria-label={`${label}: for how long`}
        w={92}
        valueMs={durationMs}
        maxMs={5_000}
        disabled={kind === "none"}
        {...field([...path, "durationMs"])}
        onMs={(ms) => set({ kind, durationMs: ms ?? USUAL_MS })}
      />
    </Group>
  );
}
