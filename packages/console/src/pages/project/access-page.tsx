import type { Account, ChangedAccount } from "@inlet/contracts";
import { Button, Code, Stack, Text } from "@mantine/core";
import { IconKey } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { useState } from "react";
import { useMay } from "../../api/session.ts";
import { columnsOf, DataTable } from "../../parts/data-table.tsx";
import { Mark } from "../../parts/mark.tsx";
import { Section } from "../../parts/section.tsx";
import { ShownOnce } from "../../parts/shown-once.tsx";
import { Failure, Nothing, Waiting } from "../../parts/states.tsx";
import { AccountForm } from "./account-form.tsx";
import { accountsQuery } from "./project-queries.ts";

const route = getRouteApi("/signed-in/projects/$client/$project");
const column = columnsOf<Account>();

/** The SFTP logins that see this project: from where, with what, and which folders. */
export function AccessPage() {
  const { client, project } = route.useParams();
  const may = useMay();
  const accounts = useQuery(accountsQuery(client));
  const [edited, setEdited] = useState<Account | "new">();
  const [changed, setChanged] = useState<ChangedAccount>();
  const shown = (accounts.data ?? []).filter(({ projects }) => projects === null || projects.includes(project));
  const columns = [
    column.accessor("username", {
      header: "Login",
      meta: { grow: true },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          <Text fw={560}>{original.username}</Text>
          <Text fz="sm" c="var(--quiet)">
            {original.folders.map(({ path }) => path).join(", ")}
          </Text>
        </Stack>
      ),
    }),
    column.accessor("enabled", {
      header: "State",
      cell: ({ getValue }) => <Mark tone={getValue() ? "good" : "still"}>{getValue() ? "Enabled" : "Disabled"}</Mark>,
    }),
    column.display({
      id: "with",
      header: "Logs in with",
      meta: { from: "sm" },
      cell: ({ row: { original } }) => (
        <Stack gap={0}>
          {original.hasPassword && <span>a password</span>}
          {original.publicKeys.map(({ fingerprint, comment }) => (
            <Text key={fingerprint} fz="sm">
              <Code>{fingerprint.slice(0, 20)}…</Code> {comment}
            </Text>
          ))}
        </Stack>
      ),
    }),
    column.accessor("cidrs", {
      header: "From",
      meta: { from: "sm" },
      cell: ({ getValue }) => (getValue().length === 0 ? "anywhere" : getValue().join(", ")),
    }),
    column.display({
      id: "change",
      header: () => <span className="only-for-readers">Change</span>,
      meta: { align: "end" },
      cell: ({ row: { original } }) =>
        may("configure") && (
          <Button size="xs" variant="default" onClick={() => setEdited(original)}>
            Change
          </Button>
        ),
    }),
  ];
  return (
    <Stack gap="lg">
      {changed?.password !== undefined && (
        <ShownOnce title={`The password of ${changed.username}`} value={changed.password} what="the password" />
      )}
      <Section
        title="SFTP logins"
        lead="Each sees its own folders alone, and may be bound to addresses."
        flush
        actions={
          may("configure") && (
            <Button size="xs" onClick={() => setEdited("new")}>
              Add a login
            </Button>
          )
        }
      >
        {accounts.isPending && <Waiting />}
        {accounts.isError && <Failure error={accounts.error} retry={() => void accounts.refetch()} />}
        {accounts.isSuccess && shown.length === 0 && (
          <Nothing icon={<IconKey size={22} />} title="No login sees this project">
            Files can still be uploaded in this console. For SFTP, add a login.
          </Nothing>
        )}
        {shown.length > 0 && (
          <DataTable caption="SFTP logins" columns={columns} rows={shown} rowId={({ username }) => username} />
        )}
      </Section>
      {edited !== undefined && (
        <AccountForm
          path={{ client, project }}
          account={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onChanged={(account) => {
            setEdited(undefined);
            setChanged(account);
          }}
        />
      )}
    </Stack>
  );
}
