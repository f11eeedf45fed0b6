import type { NewUser, UserChange } from "@inlet/contracts";
import { part } from "../address.ts";
import type { Send } from "../transport.ts";

export const userCalls = (send: Send) => ({
  users: async () => (await send("userListSchema", "GET", "/v1/users")).users,
  /** The invitation is in this answer and nowhere else. */
  addUser: (user: NewUser) => send("invitedUserSchema", "POST", "/v1/users", user),
  changeUser: (id: number, change: UserChange) => send("userSchema", "PATCH", `/v1/users/${part(id)}`, change),
  removeUser: (id: number) => send("userSchema", "DELETE", `/v1/users/${part(id)}`),
  /** A new invitation, or a reset of the password. It is in this answer and nowhere else. */
  inviteUser: (id: number) => send("invitedUserSchema", "POST", `/v1/users/${part(id)}/invitation`),
});
