import { type ApiClient, openBrowserClient } from "@inlet/client/browser";

/** The API that this console was served by, as whoever is signed in. */
export const api: ApiClient = openBrowserClient();
