import { Group, Text, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./section.module.css";

interface SectionProps {
  title: string;
  lead?: ReactNode;
  actions?: ReactNode;
  /** The content fills the box to its edges, as a table does. */
  flush?: boolean;
  children?: ReactNode;
}

/** A box with a heading: one subject of a page. */
export function Section({ title, lead, actions, flush = false, children }: SectionProps) {
  const id = useId();
  return (
    <section className={classes.section} aria-labelledby={id}>
      <Group justify="space-between" className={classes.head} data-alone={!children || undefined} gap="xs">
        <div>
          <Title order={2} id={id}>
            {title}
          </Title>
          {lead !== undefined && (
            <Text component="div" c="var(--quiet)" fz="sm" mt={2}>
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children && <div className={flush ? classes.flush : classes.body}>{children}</div>}
    </section>
  );
}
