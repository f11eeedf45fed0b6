import { ActionIcon, Avatar, Group, Menu, Text, UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun, IconUserCircle } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { forgetSession, useSession } from "../api/session.ts";
import { ROLE_WORDS } from "../parts/role-words.ts";
import classes from "./signed-in.module.css";

const SCHEMES = {
  light: { next: "dark", icon: IconSun, label: "Light. Switch to dark" },
  dark: { next: "auto", icon: IconMoon, label: "Dark. Switch to what the system uses" },
  auto: { next: "light", icon: IconDeviceDesktop, label: "As the system. Switch to light" },
} as const;

/** Who is signed in, and how to change light to dark or to sign out. */
export function SignedIn() {
  const { user, role, client } = useSession();
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const { next, icon: Scheme, label } = SCHEMES[colorScheme];
  const queryClient = useQueryClient();
  const signOut = useMutation({ mutationFn: () => api.signOut(), onSuccess: () => forgetSession(queryClient) });
  return (
    <Group className={classes.foot} wrap="nowrap" gap={4}>
      <Menu position="top-start" width={220}>
        <Menu.Target>
          <UnstyledButton className={classes.who}>
            <Avatar name={user.name} color="initials" size={30} radius="xl" aria-hidden />
            <span className={classes.words}>
              <Text fz="sm" fw={560} truncate>
                {user.name}
              </Text>
              <Text fz="xs" c="var(--quiet)" truncate>
                {ROLE_WORDS[role]}
                {client !== null && ` · ${client}`}
              </Text>
            </span>
          </UnstyledButton>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item component={Link} to="/account" leftSection={<IconUserCircle size={16} aria-hidden />}>
            Your account
          </Menu.Item>
          <Menu.Item leftSection={<IconLogout size={16} aria-hidden />} onClick={() => signOut.mutate()}>
            Sign out
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label={`Colours: ${label}`}
        title={label}
        onClick={() => setColorScheme(next)}
      >
        <Scheme size={17} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
