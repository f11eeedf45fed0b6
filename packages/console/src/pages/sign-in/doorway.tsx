import { Paper, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useLostFocus } from "../../parts/lost-focus.ts";
import classes from "./doorway.module.css";

/** The frame of the pages before one is signed in. */
export function Doorway({ title, lead, children }: { title: string; lead?: ReactNode; children: ReactNode }) {
  useEffect(() => {
    document.title = `${title} – Inlet`;
  }, [title]);
  useLostFocus();
  return (
    <main className={classes.doorway}>
      <Stack gap="lg" className={classes.inner}>
        <div className={classes.brand}>
          <img src="/mark.svg" alt="" width={32} height={32} />
          <span>Inlet</span>
        </div>
        <Paper withBorder radius="lg" p="xl" className={classes.card ?? ""}>
          <Stack gap="lg">
            <div>
              <Title order={1}>{title}</Title>
              {lead !== undefined && (
                <Text component="div" c="var(--quiet)" mt={4}>
                  {lead}
                </Text>
              )}
            </div>
            {children}
          </Stack>
        </Paper>
      </Stack>
    </main>
  );
}
