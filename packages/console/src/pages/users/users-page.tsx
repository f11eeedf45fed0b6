import type { InvitedUser, User } from "@inlet/contracts";
import { Button, Stack, Text } from "@mantine/core";
import { IconUserPlus, IconUsers } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { useState } from "react";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Page } from "../../parts/page.tsx";
import { ROLE_WORDS } from "../../parts/role-words.ts";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { When } from "../../parts/when.tsx";
import { NewUser } from "./new-user.tsx";
import { UserMenu } from "./user-menu.tsx";
import { usersQuery } from "./users-query.ts";

const STATES = {
  active: { tone: "good", word: "Active" },
  invited: { tone: "still", word: "Invited" },
  disabled: { tone: "still", word: "Disabled" },
} as const;

const column = columnsOf<User>();

/** The people who may sign in, and what each may do. */
export function UsersPage() {
  const users = useQuery(usersQuery);
  const [adding, setAdding] = useState(false);
  const [invited, setInvited] = useState<InvitedUser>();
  const columns = [
    column.accessor("name", {
      header: "Name",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <Text fw={560}>{original.name}</Text>
          <Text fz="sm" c="var(--quiet)">
            {original.login}
          </Text>
        </Stack>
      ),
    }),
    column.accessor("role", {
      header: "Role",
      cell: ({ row: { original } }) =>
        `${ROLE_WORDS[original.role]}${original.client === null ? "" : ` of ${original.client}`}`,
    }),
    column.accessor("state", {
      header: "State",
      meta: { from: "sm" },
      cell: ({ getValue }) => <Mark tone={STATES[getValue()].tone}>{STATES[getValue()].word}</Mark>,
    }),
    column.accessor("lastSignInAt", {
      header: "Last sign-in",
      meta: { from: "md" },
      cell: ({ getValue }) => {
        const at = getValue();
        return at === null ? "Never" : <When at={at} />;
      },
    }),
    column.display({
      id: "menu",
      header: () => <span className="only-for-readers">What can be done</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) => <UserMenu user={original} onInvited={setInvited} />,
    }),
  ];
  return (
    <Page
      title="Users"
      lead="The people who may sign in, and what each may do."
      actions={
        <Button leftSection={<IconUserPlus size={16} aria-hidden />} onClick={() => setAdding(true)}>
          Add a user
        </Button>
      }
    >
      {invited !== undefined && (
        <ShownOnce title={`Send this link to ${invited.user.name}`} value={invited.invitation.url} what="the link">
          It is shown only now, and can be used once, until <When at={invited.invitation.expiresAt} as="time" />, to
          choose a password.
        </ShownOnce>
      )}
      {users.isPending && <Waiting />}
      {users.isError && <Failure error={users.error} retry={() => void users.refetch()} />}
      {users.data?.length === 0 && <Nothing icon={<IconUsers size={22} />} title="No users yet" />}
      {users.data !== undefined && users.data.length > 0 && (
        <DataTable caption="Users" columns={columns} rows={users.data} rowId={({ id }) => String(id)} />
      )}
      <NewUser
        opened={adding}
        onClose={() => setAdding(false)}
        onAdded={(user) => {
          setAdding(false);
          setInvited(user);
        }}
      />
    </Page>
  );
}
