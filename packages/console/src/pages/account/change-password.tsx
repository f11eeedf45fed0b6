import { Alert, Button, Group, PasswordInput, Stack } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Section } from "../../parts/section.tsx";
import { Failure } from "../../parts/states.tsx";
import { NewPasswordInput } from "../sign-in/new-password-input.tsx";

/** Another password; it ends the sign-ins in other places. */
export function ChangePassword({ login }: { login: string }) {
  const [current, setCurrent] = useState("");
  const [password, setPassword] = useState("");
  const change = useMutation({
    mutationFn: () => api.setPassword({ current, password }),
    onSuccess: () => {
      setCurrent("");
      setPassword("");
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    change.mutate();
  };
  return (
    <Section title="Password" lead="A new password signs you out everywhere else.">
      <form onSubmit={submit}>
        <Stack gap="md" maw={420}>
          <input type="text" autoComplete="username" value={login} readOnly hidden />
          <PasswordInput
            label="Present password"
            autoComplete="current-password"
            required
            value={current}
            onChange={(event) => setCurrent(event.currentTarget.value)}
          />
          <NewPasswordInput label="New password" value={password} onChange={setPassword} />
          {change.isError && <Failure error={change.error} />}
          {change.isSuccess && (
            <Alert color="green" variant="light" role="status">
              The password is changed.
            </Alert>
          )}
          <Group>
            <Button type="submit" loading={change.isPending}>
              Change the password
            </Button>
          </Group>
        </Stack>
      </form>
    </Section>
  );
}
