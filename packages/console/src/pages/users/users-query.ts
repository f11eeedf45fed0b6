import { queryOptions } from "@tanstack/react-query";
import { api } from "../../api/client.ts";

/** Who may sign in. */
export const usersQuery = queryOptions({ queryKey: ["users"], queryFn: () => api.users() });
