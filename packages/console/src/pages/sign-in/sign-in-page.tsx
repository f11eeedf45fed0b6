import type { OidcRefusal } from "@inlet/contracts";
import { Alert, Skeleton } from "@mantine/core";
import { useQuery } from "@tanstack/react-query";
import { getRouteApi, useRouter } from "@tanstack/react-router";
import { api } from "../../api/client.ts";
import { Failure } from "../../parts/states.tsx";
import { Doorway } from "./doorway.tsx";
import { FirstAdminForm } from "./first-admin-form.tsx";
import { SignInForm } from "./sign-in-form.tsx";

const route = getRouteApi("/sign-in");

/** Why a sign-in at the company's own login came to nothing. */
const REFUSALS: Readonly<Record<OidcRefusal, string>> = {
  cancelled: "The sign-in was cancelled there. Try again when you are ready.",
  expired: "That took too long, or was begun in another window. Please begin again.",
  unavailable: "The company login does not answer at the moment. Try again in a minute, or sign in with a password.",
  unknown: "There is no user with your e-mail address here. Ask an admin of this hub to add you.",
  no_role: "Your company login gives you no role here. Ask those who run it, or an admin of this hub.",
  unverified: "The company login does not vouch for your e-mail address. Ask those who run it to verify it.",
  disabled: "Your user is disabled here, or belongs to another login. Ask an admin of this hub.",
};

/** What stands in the address may be anything. */
const isKnown = (refused: string): refused is OidcRefusal => Object.hasOwn(REFUSALS, refused);

/** Signing in, or, on a hub that nobody uses yet, making the first admin. */
export function SignInPage() {
  const { next = "/", refused } = route.useSearch();
  const router = useRouter();
  const methods = useQuery({ queryKey: ["session-methods"], queryFn: () => api.sessionMethods(), staleTime: 0 });
  const enter = async () => {
    await router.invalidate();
    router.history.push(next);
  };

  if (methods.data?.setupNeeded) {
    return (
      <Doorway
        title="Welcome to Inlet"
        lead="Nobody has signed in here yet. You make the first admin, who then invites the others."
      >
        <FirstAdminForm onDone={enter} />
      </Doorway>
    );
  }
  return (
    <Doorway title="Sign in">
      {refused !== undefined && (
        <Alert color="yellow" variant="light" role="alert">
          {isKnown(refused) ? REFUSALS[refused] : "The sign-in did not work. Please begin again."}
        </Alert>
      )}
      {methods.isPending && <Skeleton height={180} />}
      {methods.isError && <Failure error={methods.error} retry={() => void methods.refetch()} />}
      {methods.data !== undefined && <SignInForm oidc={methods.data.oidc} next={next} onDone={enter} />}
    </Doorway>
  );
}
