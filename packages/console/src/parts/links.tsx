import { Anchor, type AnchorProps, Button, type ButtonProps, NavLink, type NavLinkProps } from "@mantine/core";
import { createLink } from "@tanstack/react-router";
import type { ComponentPropsWithRef } from "react";

/** What an anchor takes and a component of Mantine's does not say itself. */
type OwnOf<Props> = Props & Omit<ComponentPropsWithRef<"a">, keyof Props>;

/** A link to a page of the console, as large as the words around it. */
export const PageLink = createLink((props: OwnOf<AnchorProps>) => <Anchor inherit {...props} />);

/** A button that leads to a page of the console. */
export const ButtonLink = createLink((props: OwnOf<ButtonProps>) => <Button component="a" {...props} />);

/** An entry of the navigation. */
export const NavPageLink = createLink((props: OwnOf<NavLinkProps>) => <NavLink {...props} />);
