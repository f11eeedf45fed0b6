import type { Account, ChangedAccount } from "@inlet/contracts";
import { Button, Checkbox, Group, Modal, Stack, Switch, TagsInput, Textarea, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { fieldErrorsOf } from "../../api/failure.ts";
import { Failure } from "../../parts/states.tsx";
import { accountsQuery, type ProjectPath } from "./project-queries.ts";

interface AccountFormProps {
  path: ProjectPath;
  /** Undefined: a new one. */
  account: Account | undefined;
  onClose: () => void;
  onChanged: (account: ChangedAccount) => void;
}

const linesOf = (text: string) =>
  text
    .split("\n")
    .map((line) => line.trim())
    .filter((line) => line !== "");

/** A new SFTP login, or another password, keys or addresses for one that is there. */
export function AccountForm({ path, account, onClose, onChanged }: AccountFormProps) {
  const queryClient = useQueryClient();
  const [username, setUsername] = useState("");
  const [enabled, setEnabled] = useState(account?.enabled ?? true);
  const [newPassword, setNewPassword] = useState(account === undefined);
  const [cidrs, setCidrs] = useState<string[]>(account?.cidrs ?? []);
  const [keys, setKeys] = useState("");
  const save = useMutation({
    mutationFn: () => {
      const publicKeys = linesOf(keys);
      if (account === undefined) {
        const { client, project } = path;
        return api.addAccount({
          client,
          username,
          generatePassword: newPassword,
          publicKeys,
          cidrs,
          projects: [project],
        });
      }
      return api.changeAccount(account.username, {
        enabled,
        cidrs,
        ...(newPassword && { generatePassword: true }),
        ...(publicKeys.length > 0 && { publicKeys }),
      });
    },
    onSuccess: async (changed) => {
      await queryClient.invalidateQueries(accountsQuery(path.client));
      onChanged(changed);
    },
  });
  const wrong = fieldErrorsOf(save.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    save.mutate();
  };
  return (
    <Modal opened onClose={onClose} title={account === undefined ? "Add a login" : `Change ${account.username}`}>
      <form onSubmit={submit}>
        <Stack gap="md">
          {account === undefined ? (
            <TextInput
              label="Login"
              required
              maxLength={32}
              data-autofocus
              value={username}
              error={wrong.username}
              onChange={(event) => setUsername(event.currentTarget.value.toLowerCase())}
            />
          ) : (
            <Switch
              label="May log in"
              checked={enabled}
              onChange={(event) => setEnabled(event.currentTarget.checked)}
            />
          )}
          <Checkbox
            label={account?.hasPassword ? "Make a new password" : "Make a password"}
            description="Shown once. An old one stops working."
            checked={newPassword}
            onChange={(event) => setNewPassword(event.currentTarget.checked)}
          />
          <TagsInput
            label="Addresses that may log in"
            description="IP addresses or ranges such as 203.0.113.0/24. Empty: from anywhere."
            value={cidrs}
            onChange={setCidrs}
            splitChars={[",", ";", " "]}
            error={wrong["cidrs[0]"]}
          />
          <Textarea
            label={account === undefined ? "Public keys" : "Public keys instead of those that are there"}
            description="One line each, as in an authorized_keys file."
            autosize
            minRows={2}
            maxRows={6}
            value={keys}
            error={wrong.publicKeys ?? wrong["publicKeys[0]"]}
            onChange={(event) => setKeys(event.currentTarget.value)}
          />
          {save.isError && <Failure error={save.error} />}
          <Group justify="flex-end">
            <Button type="submit" loading={save.isPending}>
              Save
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
