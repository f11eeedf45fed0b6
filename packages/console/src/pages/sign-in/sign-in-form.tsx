import { Button, Divider, PasswordInput, Stack, TextInput } from "@mantine/core";
import { useMutation } from "@tanstack/react-query";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";

interface SignInFormProps {
  oidc: { name: string } | null;
  /** Where to go when it is done. */
  next: string;
  onDone: () => Promise<void>;
}

/** E-mail and password, or the company's own login. */
export function SignInForm({ oidc, next, onDone }: SignInFormProps) {
  const [login, setLogin] = useState("");
  const [password, setPassword] = useState("");
  const signIn = useMutation({ mutationFn: () => api.signIn({ login, password }), onSuccess: onDone });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    signIn.mutate();
  };
  return (
    <Stack gap="md">
      {oidc !== null && (
        <>
          <Button component="a" href={api.oidcPath(next)} size="md" variant="default">
            Sign in with {oidc.name}
          </Button>
          <Divider label="or" />
        </>
      )}
      <form onSubmit={submit}>
        <Stack gap="md">
          <TextInput
            label="E-mail"
            type="email"
            autoComplete="username"
            required
            autoFocus
            value={login}
            onChange={(event) => setLogin(event.currentTarget.value)}
          />
          <PasswordInput
            label="Password"
            autoComplete="current-password"
            required
            value={password}
            onChange={(event) => setPassword(event.currentTarget.value)}
          />
          {signIn.isError && <Failure error={signIn.error} />}
          <Button type="submit" size="md" loading={signIn.isPending}>
            Sign in
          </Button>
        </Stack>
      </form>
    </Stack>
  );
}
