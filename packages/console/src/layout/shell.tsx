import { AppShell, Burger, Group } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { Outlet, useRouterState } from "@tanstack/react-router";
import { Suspense, useEffect } from "react";
import { PageWaiting } from "../parts/page.tsx";
import { Navigation } from "./navigation.tsx";
import { SearchButton } from "./palette/search-button.tsx";
import classes from "./shell.module.css";
import { SignedIn } from "./signed-in.tsx";
import { Wordmark } from "./wordmark.tsx";

/** What stands around every page: the navigation at the side, on a phone behind a button. */
export function Shell() {
  const [opened, { toggle, close }] = useDisclosure();
  const path = useRouterState({ select: ({ location }) => location.pathname });
  // biome-ignore lint/correctness/useExhaustiveDependencies: the navigation folds away when another page is shown
  useEffect(close, [path]);
  return (
    <>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <AppShell
        layout="alt"
        navbar={{ width: 232, breakpoint: "md", collapsed: { mobile: !opened } }}
        header={{ height: { base: 52, md: 0 } }}
        transitionDuration={0}
      >
        <AppShell.Header hiddenFrom="md" className={classes.header}>
          <Group h="100%" px="md" gap="sm">
            <Burger
              opened={opened}
              onClick={toggle}
              size="sm"
              aria-label={opened ? "Close the menu" : "Open the menu"}
            />
            <Wordmark />
          </Group>
        </AppShell.Header>
        <AppShell.Navbar className={classes.rail}>
          <Group className={classes.brand} justify="space-between">
            <Wordmark />
            <Burger hiddenFrom="md" opened size="sm" onClick={close} aria-label="Close the menu" />
          </Group>
          <SearchButton />
          <Navigation />
          <SignedIn />
        </AppShell.Navbar>
        <AppShell.Main id="content" tabIndex={-1} className={classes.main}>
          <Suspense fallback={<PageWaiting />}>
            <Outlet />
          </Suspense>
        </AppShell.Main>
      </AppShell>
    </>
  );
}
