import type { ApiRole, InvitedUser } from "@inlet/contracts";
import { Button, Group, Modal, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { fieldErrorsOf } from "../../api/failure.ts";
import { ClientSelect } from "../../parts/client-select.tsx";
import { RoleSelect } from "../../parts/role-select.tsx";
import { Failure } from "../../parts/states.tsx";
import { usersQuery } from "./users-query.ts";

interface NewUserProps {
  opened: boolean;
  onClose: () => void;
  onAdded: (user: InvitedUser) => void;
}

/** Adds a person, who is then invited by a link. */
export function NewUser({ opened, onClose, onAdded }: NewUserProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Add a user">
      <NewUserForm onAdded={onAdded} />
    </Modal>
  );
}

function NewUserForm({ onAdded }: { onAdded: (user: InvitedUser) => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [role, setRole] = useState<ApiRole>("client");
  const [client, setClient] = useState<string | null>(null);
  const add = useMutation({
    mutationFn: () => api.addUser({ login, name, role, ...(client !== null && role !== "admin" && { client }) }),
    onSuccess: async (added) => {
      await queryClient.invalidateQueries(usersQuery);
      onAdded(added);
    },
  });
  const wrong = fieldErrorsOf(add.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    add.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          required
          maxLength={80}
          data-autofocus
          value={name}
          error={wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="E-mail"
          description="The person signs in with it."
          type="email"
          required
          value={login}
          error={wrong.login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <RoleSelect value={role} onChange={setRole} />
        {role !== "admin" && (
          <ClientSelect
            value={client}
            onChange={setClient}
            required={role === "client"}
            {...(role !== "client" && { description: "Left empty, the user sees all clients." })}
            error={wrong.client}
          />
        )}
        {add.isError && <Failure error={add.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={add.isPending}>
            Add and invite
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
