import { IconAlertTriangle, IconCheck, IconLoader2, IconMinus, IconX, type TablerIcon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./mark.module.css";

/** How a thing fares, at a glance. The word beside it says the same: colour is never alone. */
export type Tone = "good" | "bad" | "warning" | "busy" | "still";

/** The shapes that stand for a tone where nothing more is known. */
const SHAPES: Record<Tone, TablerIcon> = {
  good: IconCheck,
  bad: IconX,
  warning: IconAlertTriangle,
  busy: IconLoader2,
  still: IconMinus,
};

interface MarkProps {
  tone: Tone;
  icon?: TablerIcon;
  /** What it says. */
  children: ReactNode;
  /** The word is read aloud, and only the sign is shown. */
  compact?: boolean;
}

/** A sign and a word: tick, cross, running, … */
export function Mark({ tone, icon: Icon = SHAPES[tone], children, compact = false }: MarkProps) {
  return (
    <span className={classes.mark} data-tone={tone}>
      <span className={classes.sign} aria-hidden>
        <Icon size={13} stroke={2.4} className={tone === "busy" ? classes.turning : undefined} />
      </span>
      <span className={compact ? "only-for-readers" : classes.word}>{children}</span>
    </span>
  );
}
