import { count } from "@inlet/contracts/figures";
import { UnstyledButton } from "@mantine/core";
import { useMemo, useState } from "react";
import { countsOf, type DiffLine, diffLines, foldDiff } from "../document/line-diff.ts";
import classes from "./diff.module.css";

interface DiffProps {
  before: string;
  after: string;
  /** What the two texts are, for those who do not see them: “Version 3 and version 4”. */
  label: string;
}

const SIGNS = { same: " ", added: "+", removed: "−" } as const;
const WORDS = { same: undefined, added: "Added: ", removed: "Removed: " } as const;

/** Two texts, line by line: what was added and what was removed, by sign and colour. */
export function Diff({ before, after, label }: DiffProps) {
  const lines = useMemo(() => diffLines(before, after), [before, after]);
  const parts = useMemo(() => foldDiff(lines), [lines]);
  const { added, removed } = countsOf(lines);
  return (
    <figure className={classes.diff} aria-label={label}>
      <figcaption className={classes.counts}>
        {added + removed === 0 ? (
          "They say the same."
        ) : (
          <>
            <span className={classes.plus}>+{count(added, "line")}</span>{" "}
            <span className={classes.minus}>−{count(removed, "line")}</span>
          </>
        )}
      </figcaption>
      {added + removed > 0 && (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: long lines are scrolled to by keyboard, too
        <section className={classes.frame} tabIndex={0} aria-label={`${label}, line by line`}>
          {parts.map(({ kind, lines: each }) =>
            kind === "folded" ? (
              <Folded key={keyOf(each)} lines={each} />
            ) : (
              each.map((line) => <Line key={keyOf([line])} line={line} />)
            ),
          )}
        </section>
      )}
    </figure>
  );
}

const keyOf = ([first]: readonly DiffLine[]) => `${first?.before ?? ""}:${first?.after ?? ""}`;

function Line({ line: { sign, text, before, after } }: { line: DiffLine }) {
  return (
    <div className={classes.line} data-sign={sign}>
      <span className={classes.number} aria-hidden>
        {before}
      </span>
      <span className={classes.number} aria-hidden>
        {after}
      </span>
      <span className={classes.sign} aria-hidden>
        {SIGNS[sign]}
      </span>
      <code>
        {WORDS[sign] !== undefined && <span className="only-for-readers">{WORDS[sign]}</span>}
        {text}
      </code>
    </div>
  );
}

function Folded({ lines }: { lines: readonly DiffLine[] }) {
  const [open, setOpen] = useState(false);
  if (open) return lines.map((line) => <Line key={keyOf([line])} line={line} />);
  return (
    <UnstyledButton className={classes.folded} onClick={() => setOpen(true)}>
      {count(lines.length, "line")} that {lines.length === 1 ? "is" : "are"} the same
    </UnstyledButton>
  );
}
