import type { AccountChange, NewAccount } from "@inlet/contracts";
import { part, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";

export const accountCalls = (send: Send) => ({
  accounts: async (client?: string) =>
    (await send("accountListSchema", "GET", `/v1/accounts${queryOf({ client })}`)).accounts,
  addAccount: (account: NewAccount) => send("changedAccountSchema", "POST", "/v1/accounts", account),
  changeAccount: (username: string, change: AccountChange) =>
    send("changedAccountSchema", "PATCH", `/v1/accounts/${part(username)}`, change),
});
