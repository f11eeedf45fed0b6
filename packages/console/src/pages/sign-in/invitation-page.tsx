import { Button, Skeleton, Stack, Text } from "@mantine/core";
import { useMutation, useQuery } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { type FormEvent, useState } from "react";
import { api } from "../../api/client.ts";
import { Failure, Nothing } from "../../parts/states.tsx";
import { Doorway } from "./doorway.tsx";
import { NewPasswordInput } from "./new-password-input.tsx";

/** The token stands in the fragment, which no server and no log sees. */
function useToken(): string {
  const [token] = useState(() => window.location.hash.slice(1));
  return token;
}

/** Whoever was invited chooses a password here, and is signed in. */
export function InvitationPage() {
  const token = useToken();
  const invitation = useQuery({
    queryKey: ["invitation", token],
    queryFn: () => api.invitation(token),
    enabled: token !== "",
    retry: false,
  });
  if (token === "") {
    return (
      <Doorway title="Invitation">
        <Nothing title="The link is incomplete">
          Copy the whole link out of the invitation, up to its last character.
        </Nothing>
      </Doorway>
    );
  }
  return (
    <Doorway title={invitation.data?.reset ? "Choose a new password" : "Welcome to Inlet"}>
      {invitation.isPending && <Skeleton height={160} />}
      {invitation.isError && <Failure error={invitation.error} />}
      {invitation.data !== undefined && (
        <ChoosePassword token={token} login={invitation.data.login} name={invitation.data.name} />
      )}
    </Doorway>
  );
}

function ChoosePassword({ token, login, name }: { token: string; login: string; name: string }) {
  const router = useRouter();
  const [password, setPassword] = useState("");
  const choose = useMutation({
    mutationFn: () => api.setPassword({ invitation: token, password }),
    onSuccess: async () => {
      await router.invalidate();
      await router.navigate({ to: "/" });
    },
  });
  const submit = (event: FormEvent) => {
    event.preventDefault();
    choose.mutate();
  };
  return (
    <form onSubmit={submit}>
      <Stack gap="md">
        <Text>
          {name}, you sign in with <b>{login}</b> and a password that you choose now.
        </Text>
        {/* For password managers: they keep the login with the password. */}
        <input type="text" autoComplete="username" value={login} readOnly hidden />
        <NewPasswordInput value={password} onChange={setPassword} />
        {choose.isError && <Failure error={choose.error} />}
        <Button type="submit" size="md" loading={choose.isPending}>
          Set the password and sign in
        </Button>
      </Stack>
    </form>
  );
}
