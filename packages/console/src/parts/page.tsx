import { Breadcrumbs, Group, Stack, Text, Title } from "@mantine/core";
import { type ReactNode, useEffect } from "react";
import { useLostFocus } from "./lost-focus.ts";
import classes from "./page.module.css";
import { Waiting } from "./states.tsx";

interface PageProps {
  title: string;
  /** What stands in the heading, where that is more than the title's text. */
  heading?: ReactNode;
  /** One sentence: what this page is for. */
  lead?: ReactNode;
  /** Where the page hangs: links to the pages above it. */
  crumbs?: ReactNode[];
  /** What can be done here: buttons, the main one last. */
  actions?: ReactNode;
  children: ReactNode;
}

/** What stands where a page is awaited. */
export function PageWaiting() {
  return (
    <div className={classes.page}>
      <Waiting />
    </div>
  );
}

/** The frame of every page: its title in the window and above, what can be done, and the content. */
export function Page({ title, heading, lead, crumbs = [], actions, children }: PageProps) {
  useEffect(() => {
    document.title = `${title} – Inlet`;
  }, [title]);
  useLostFocus();
  return (
    <Stack gap="lg" className={classes.page}>
      <Group justify="space-between" align="flex-start" gap="md">
        <div className={classes.head}>
          {crumbs.length > 0 && (
            <Breadcrumbs mb={4} fz="sm" separatorMargin={6}>
              {crumbs}
            </Breadcrumbs>
          )}
          <Title order={1} tabIndex={-1} className={classes.title}>
            {heading ?? title}
          </Title>
          {lead !== undefined && (
            <Text component="div" c="var(--quiet)" fz="md" maw={720} mt={4}>
              {lead}
            </Text>
          )}
        </div>
        {actions !== undefined && <Group gap="xs">{actions}</Group>}
      </Group>
      {children}
    </Stack>
  );
}
