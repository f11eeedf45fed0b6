import { openBrowserClient } from "@inlet/client/browser";
import { Button, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import { NewPasswordInput } from "./new-password-input.tsx";

/** Makes the first admin: whoever holds the hub's admin key may. */
export function FirstAdminForm({ onDone }: { onDone: () => Promise<void> }) {
  const [key, setKey] = useState("");
  const [name, setName] = useState("");
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const setUp = useMutation({
    mutationFn: async () => {
      await openBrowserClient({ key: key.trim() }).setUp({ login, name, password });
      await api.signIn({ login, password });
    },
    onSuccess: onDone,
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    setUp.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <PasswordInput
          label="Admin key"
          description="The hub shows it at its first start, and keeps it in its folder as admin.key."
          placeholder="inlet_…"
          autoComplete="off"
          required
          value={key}
          onChange={(event) => setKey(event.currentTarget.value)}
        />
        <TextInput
          label="Your name"
          autoComplete="name"
          required
          maxLength={80}
          value={name}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextInput
          label="Your e-mail"
          description="You sign in with it."
          type="email"
          autoComplete="username"
          required
          value={login}
          onChange={(event) => setLogin(event.currentTarget.value)}
        />
        <NewPasswordInput value={password} onChange={setPassword} />
        {setUp.isError && <Failure error={setUp.error} />}
        <Button type="submit" size="md" loading={setUp.isPending}>
          Make the first admin
        </Button>
      </Stack>
    </form>
  );
}
