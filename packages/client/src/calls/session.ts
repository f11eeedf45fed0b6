import type { PasswordChange, Setup, SignIn } from "@inlet/contracts";
import { queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

/** For the console: the session is the browser's cookie, which no script sees. */
export const sessionCalls = (send: Send) => ({
  /** Who is signed in, and what that allows. 401: nobody. */
  session: () => send("sessionSchema", "GET", "/v1/session"),
  /** What the sign-in page has to show. */
  sessionMethods: () => send("sessionMethodsSchema", "GET", "/v1/session/methods"),
  signIn: (given: SignIn) => send("sessionSchema", "POST", "/v1/session", given),
  signOut: () => send.nothing("DELETE", "/v1/session"),
  /** Where a browser goes to sign in elsewhere: a navigation, no request. `to`: the page to come back to. */
  oidcPath: (to?: string) => `/v1/session/oidc${queryOf({ to })}`,
  /** Whom an invitation is for. */
  invitation: (token: string) => send("openInvitationSchema", "POST", "/v1/session/invitation", { token }),
  /** By an invitation, or by the present password. Signs in under a new token; all other sessions of the user end. */
  setPassword: (change: PasswordChange) => send("sessionSchema", "POST", "/v1/session/password", change),
  /** Makes the first admin. For a client with an admin's API key; sign in afterwards. */
  setUp: (first: Setup) => send("userSchema", "POST", "/v1/setup", first),
});
