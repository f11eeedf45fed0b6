import { filmOf, rowOf } from "@inlet/storyboard";
import { Text, UnstyledButton } from "@mantine/core";
import { useMemo } from "react";
import { usePreview } from "../preview/preview-context.ts";
import { NOBODY, type PreviewRow } from "../preview/preview-row.ts";
import { Still } from "../preview/still.tsx";
import { useEditor } from "../state/editor-context.ts";
import classes from "./everyone.module.css";

/** How it looks for everyone: a poster of each sample and row, and what of it plays. */
export function Everyone({ onOpen }: { onOpen: (row: PreviewRow) => void }) {
  const { rows } = usePreview();
  const shown = rows.some(({ id }) => id === NOBODY.id) ? rows : [...rows, NOBODY];
  return (
    <ul className={classes.list}>
      {shown.map((row) => (
        <li key={row.id}>
          <Poster row={row} onOpen={onOpen} />
        </li>
      ))}
    </ul>
  );
}

function Poster({ row, onOpen }: { row: PreviewRow; onOpen: (row: PreviewRow) => void }) {
  const { storyboard } = useEditor();
  const { assets, assetUrl } = usePreview();
  // Each in the recipient's own language.
  const film = useMemo(() => filmOf(storyboard, rowOf(row.values), { assets }), [storyboard, row, assets]);
  const left = storyboard.scenes.length - film.scenes.length;
  return (
    <UnstyledButton className={classes.poster} onClick={() => onOpen(row)}>
      <Still film={film} assetUrl={assetUrl} label={`Poster for ${row.name}`} />
      <span className={classes.words}>
        <Text span fz="sm" fw={560} truncate>
          {row.name}
        </Text>
        <Text span fz="xs" c="var(--quiet)" className={classes.facts ?? ""}>
          {Number((film.durationMs / 1_000).toFixed(1))} s
          {left > 0 && `, without ${left === 1 ? "one scene" : `${left} scenes`}`}
        </Text>
      </span>
    </UnstyledButton>
  );
}
