import { Checkbox } from "@mantine/core";
import { useState } from "react";

/** Rows of a list that were chosen, by their numbers. */
export interface Choice {
  chosen: readonly number[];
  has: (id: number) => boolean;
  toggle: (id: number) => void;
  /** Chooses all that are listed, or none of them. */
  toggleAll: () => void;
  isAll: boolean;
  clear: () => void;
}

/** Lets rows be chosen. What is not listed any more is not chosen any more. */
export function useChoice(listed: readonly number[]): Choice {
  const [marked, setMarked] = useState<ReadonlySet<number>>(new Set());
  const chosen = listed.filter((id) => marked.has(id));
  const isAll = listed.length > 0 && chosen.length === listed.length;
  return {
    chosen,
    has: (id) => marked.has(id),
    toggle: (id) =>
      setMarked((before) => new Set(before.has(id) ? [...before].filter((each) => each !== id) : [...before, id])),
    toggleAll: () => setMarked(isAll ? new Set() : new Set(listed)),
    isAll,
    clear: () => setMarked(new Set()),
  };
}

/** Above a column of {@link ChooseOne}. */
export function ChooseAll({ choice }: { choice: Choice }) {
  return (
    <Checkbox
      size="xs"
      aria-label="Choose all that are listed"
      checked={choice.isAll}
      indeterminate={!choice.isAll && choice.chosen.length > 0}
      onChange={choice.toggleAll}
    />
  );
}

/** Chooses one row; `what` names it. */
export function ChooseOne({ choice, id, what }: { choice: Choice; id: number; what: string }) {
  return (
    <Checkbox size="xs" aria-label={`Choose ${what}`} checked={choice.has(id)} onChange={() => choice.toggle(id)} />
  );
}
