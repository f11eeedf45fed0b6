import { ActionIcon, Avatar, Group, Text, useMantineColorScheme } from "@mantine/core";
import { IconDeviceDesktop, IconLogout, IconMoon, IconSun } from "@tabler/icons-react";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { api } from "../api/client.ts";
import { leaveSession, useSession } from "../api/session.ts";
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
  const signOut = useMutation({ mutationFn: () => api.signOut(), onSuccess: () => leaveSession(queryClient) });
  return (
    <Group className={classes.foot} wrap="nowrap" gap={4}>
      <Link to="/account" className={classes.who} title="Your account">
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
      </Link>
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
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Sign out"
        title="Sign out"
        loading={signOut.isPending}
        onClick={() => signOut.mutate()}
      >
        <IconLogout size={17} aria-hidden />
      </ActionIcon>
    </Group>
  );
}
