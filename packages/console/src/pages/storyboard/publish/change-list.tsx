import type { StoryboardChanges } from "@inlet/contracts";
import { Button, Text } from "@mantine/core";
import { useState } from "react";
import classes from "./change-list.module.css";

const SIGNS = { added: "+", removed: "−", changed: "~" } as const;
const ASSET_WORDS = { added: "was added", removed: "is not shown any more", changed: "is another file now" } as const;
const SHOWN = 12;

/** Two storyboards' differences, in sentences. */
export function ChangeList({
  changes: { changes, assets },
}: {
  changes: Pick<StoryboardChanges, "changes" | "assets">;
}) {
  const [all, setAll] = useState(false);
  const lines = [
    ...changes.map(({ kind, path, message }) => ({ kind, key: `${path.join(".")} ${message}`, message })),
    ...assets.map(({ name, kind }) => ({ kind, key: `asset ${name}`, message: `File ${name} ${ASSET_WORDS[kind]}.` })),
  ];
  if (lines.length === 0) return <Text fz="sm">They say the same.</Text>;
  return (
    <>
      <ul className={classes.list}>
        {lines.slice(0, all ? undefined : SHOWN).map(({ kind, key, message }) => (
          <li key={key} data-kind={kind}>
            <span className={classes.sign} aria-hidden>
              {SIGNS[kind]}
            </span>
            <span>{message}</span>
          </li>
        ))}
      </ul>
      {!all && lines.length > SHOWN && (
        <Button size="compact-xs" variant="subtle" mt="xs" onClick={() => setAll(true)}>
          Show {lines.length - SHOWN} more
        </Button>
      )}
    </>
  );
}
