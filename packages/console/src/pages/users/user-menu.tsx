import type { InvitedUser, User } from "@inlet/contracts";
import { ActionIcon, Menu } from "@mantine/core";
import { IconDots, IconLock, IconLockOpen, IconMail, IconTrash } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { api } from "../../api/client.ts";
import { useSession } from "../../api/session.ts";
import { Ask } from "../../parts/ask.tsx";
import { usersQuery } from "./users-query.ts";

type Action = "invite" | "disable" | "enable" | "remove";

const ASKS: Readonly<Record<Action, { title: string; verb: string; text: string; danger?: boolean }>> = {
  invite: {
    title: "Make a new link?",
    verb: "Make the link",
    text: "The person chooses a new password with it. An earlier link does not work any more.",
  },
  disable: {
    title: "Disable this user?",
    verb: "Disable",
    text: "The person is signed out everywhere at once and cannot sign in until you enable the user again.",
    danger: true,
  },
  enable: { title: "Enable this user?", verb: "Enable", text: "The person can sign in again." },
  remove: {
    title: "Remove this user?",
    verb: "Remove",
    text: "The person is signed out and cannot sign in any more. What they did stays in the audit.",
    danger: true,
  },
};

/** What can be done with a user. */
export function UserMenu({ user, onInvited }: { user: User; onInvited: (invited: InvitedUser) => void }) {
  const session = useSession();
  const queryClient = useQueryClient();
  const [asked, setAsked] = useState<Action>();
  const isSelf = session.user.id === user.id;
  const act = async (action: Action) => {
    if (action === "invite") onInvited(await api.inviteUser(user.id));
    if (action === "disable") await api.changeUser(user.id, { enabled: false });
    if (action === "enable") await api.changeUser(user.id, { enabled: true });
    if (action === "remove") await api.removeUser(user.id);
    await queryClient.invalidateQueries(usersQuery);
  };
  return (
    <>
      <Menu position="bottom-end">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" aria-label={`What can be done with ${user.name}`}>
            <IconDots size={17} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconMail size={16} aria-hidden />} onClick={() => setAsked("invite")}>
            {user.hasPassword ? "Reset the password" : "Invite again"}
          </Menu.Item>
          {user.state === "disabled" ? (
            <Menu.Item leftSection={<IconLockOpen size={16} aria-hidden />} onClick={() => setAsked("enable")}>
              Enable
            </Menu.Item>
          ) : (
            <Menu.Item
              leftSection={<IconLock size={16} aria-hidden />}
              disabled={isSelf}
              onClick={() => setAsked("disable")}
            >
              Disable
            </Menu.Item>
          )}
          <Menu.Item
            color="red"
            leftSection={<IconTrash size={16} aria-hidden />}
            disabled={isSelf}
            onClick={() => setAsked("remove")}
          >
            Remove
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      {asked !== undefined && (
        <Ask
          opened
          onClose={() => setAsked(undefined)}
          title={ASKS[asked].title}
          verb={ASKS[asked].verb}
          danger={ASKS[asked].danger ?? false}
          onYes={() => act(asked)}
        >
          <b>
            {user.name} ({user.login})
          </b>
          . {ASKS[asked].text}
        </Ask>
      )}
    </>
  );
}
