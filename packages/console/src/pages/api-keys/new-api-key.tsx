import type { AccessWord, ApiRole, CreatedApiKey } from "@inlet/contracts";
import { Button, Group, Modal, MultiSelect, Select, Stack, TextInput } from "@mantine/core";
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { fieldErrorsOf } from "../../api/failure.ts";
import { ClientSelect } from "../../parts/client-select.tsx";
import { RoleSelect } from "../../parts/role-select.tsx";
import { Failure } from "../../parts/states.tsx";
import { apiKeysQuery } from "./api-keys-query.ts";

/** What a key can be narrowed to, in words. */
const ACCESS_WORDS: Readonly<Record<Exclude<AccessWord, "self">, string>> = {
  read: "Read statuses and findings",
  files: "Download files and rows",
  send: "Upload, and take links back",
  operate: "Retry, cancel, start runs",
  oversee: "See operations and the audit",
  configure: "Set up clients and projects",
  administer: "Users and API keys",
};

const ENDS = [
  { value: "30", label: "in 30 days" },
  { value: "90", label: "in 90 days" },
  { value: "365", label: "in a year" },
  { value: "", label: "never" },
] as const;

const daysAhead = (days: number) => new Date(Date.now() + days * 86_400_000).toISOString();

interface NewApiKeyProps {
  opened: boolean;
  onClose: () => void;
  onMade: (key: CreatedApiKey) => void;
}

/** Makes a key, as narrow as its program needs. */
export function NewApiKey({ opened, onClose, onMade }: NewApiKeyProps) {
  return (
    <Modal opened={opened} onClose={onClose} title="Create an API key">
      <NewApiKeyForm onMade={onMade} />
    </Modal>
  );
}

function NewApiKeyForm({ onMade }: { onMade: (key: CreatedApiKey) => void }) {
  const queryClient = useQueryClient();
  const [name, setName] = useState("");
  const [role, setRole] = useState<ApiRole>("client");
  const [client, setClient] = useState<string | null>(null);
  const [access, setAccess] = useState<string[]>([]);
  const [days, setDays] = useState("365");
  const create = useMutation({
    mutationFn: () =>
      api.createApiKey({
        name,
        role,
        ...(client !== null && role !== "admin" && { client }),
        ...(access.length > 0 && { access: access as AccessWord[] }),
        ...(days !== "" && { expiresAt: daysAhead(Number(days)) }),
      }),
    onSuccess: async (made) => {
      await queryClient.invalidateQueries(apiKeysQuery);
      onMade(made);
    },
  });
  const wrong = fieldErrorsOf(create.error);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    create.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <TextInput
          label="Name"
          description="Which program has it. It stands as the actor in the audit."
          required
          maxLength={60}
          data-autofocus
          value={name}
          error={wrong.name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <RoleSelect value={role} onChange={setRole} />
        {role !== "admin" && (
          <ClientSelect value={client} onChange={setClient} required={role === "client"} error={wrong.client} />
        )}
        <MultiSelect
          label="Narrowed to"
          description="Left empty: all that the role may."
          data={Object.entries(ACCESS_WORDS).map(([value, label]) => ({ value, label }))}
          value={access}
          onChange={setAccess}
          clearable
          error={wrong["access[0]"]}
        />
        <Select
          label="Ends"
          data={ENDS.map(({ value, label }) => ({ value, label }))}
          value={days}
          allowDeselect={false}
          onChange={(value) => setDays(value ?? "")}
        />
        {create.isError && <Failure error={create.error} />}
        <Group justify="flex-end">
          <Button type="submit" loading={create.isPending}>
            Create
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
