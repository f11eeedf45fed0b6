import { Burger, Group } from "@mantine/core";
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
    <div className={classes.shell} data-opened={opened || undefined}>
      <a href="#content" className={classes.skip}>
        Skip to the content
      </a>
      <header className={classes.header}>
        <Burger
          opened={opened}
          onClick={toggle}
          size="sm"
          transitionDuration={0}
          aria-expanded={opened}
          aria-label={opened ? "Close the menu" : "Open the menu"}
        />
        <Wordmark />
      </header>
      <div className={classes.rail}>
        <Group className={classes.brand}>
          <Wordmark />
        </Group>
        <SearchButton />
        <Navigation />
        <SignedIn />
      </div>
      <main id="content" tabIndex={-1} className={classes.main}>
        <Suspense fallback={<PageWaiting />}>
          <Outlet />
        </Suspense>
      </main>
    </div>
  );
}
