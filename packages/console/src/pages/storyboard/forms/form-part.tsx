import { Stack, Title } from "@mantine/core";
import { type ReactNode, useId } from "react";
import classes from "./form-part.module.css";

/** One subject of a form. */
export function FormPart({ title, actions, children }: { title: string; actions?: ReactNode; children: ReactNode }) {
  const id = useId();
  return (
    <section className={classes.part} aria-labelledby={id}>
      <div className={classes.head}>
        <Title order={2} id={id} className={classes.title}>
          {title}
        </Title>
        {actions}
      </div>
      <Stack gap="sm">{children}</Stack>
    </section>
  );
}
