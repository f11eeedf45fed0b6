import { accountCalls } from "./calls/accounts.ts";
import { apiKeyCalls } from "./calls/api-keys.ts";
import { auditCalls } from "./calls/audit.ts";
import { batchCalls } from "./calls/batches.ts";
import { catalogCalls } from "./calls/catalogs.ts";
import { changeCalls } from "./calls/changes.ts";
import { draftCalls } from "./calls/drafts.ts";
import { forgettingCalls } from "./calls/forgettings.ts";
import { operationCalls } from "./calls/operation.ts";
import { pgpKeyCalls } from "./calls/pgp-keys.ts";
import { projectCalls } from "./calls/projects.ts";
import { pullCalls } from "./calls/pulls.ts";
import { resultCalls } from "./calls/results.ts";
import { runCalls } from "./calls/runs.ts";
import { sessionCalls } from "./calls/session.ts";
import { storyboardCalls } from "./calls/storyboards.ts";
import { subscriptionCalls } from "./calls/subscriptions.ts";
import { tableCalls } from "./calls/tables.ts";
import { uploadCalls } from "./calls/uploads.ts";
import { userCalls } from "./calls/users.ts";
import { viewCalls } from "./calls/views.ts";
import { webhookCalls } from "./calls/webhooks.ts";
import type { RequestOptions, Send } from "./transport.ts";

/** Every call, by subject. A new subject is one line here. */
const callsOf = (send: Send) => ({
  ...batchCalls(send),
  ...changeCalls(send),
  ...viewCalls(send),
  ...resultCalls(send),
  ...forgettingCalls(send),
  ...runCalls(send),
  ...pullCalls(send),
  ...projectCalls(send),
  ...pgpKeyCalls(send),
  ...accountCalls(send),
  ...uploadCalls(send),
  ...draftCalls(send),
  ...operationCalls(send),
  ...auditCalls(send),
  ...tableCalls(send),
  ...apiKeyCalls(send),
  ...sessionCalls(send),
  ...userCalls(send),
  ...catalogCalls(send),
  ...storyboardCalls(send),
  ...subscriptionCalls(send),
  ...webhookCalls(send),
});

type Calls = ReturnType<typeof callsOf>;

/** Every call of the API. Errors are AppErrors, see `api-refusal.ts`. */
export interface ApiClient extends Calls {
  /** The same calls with a signal, an idempotency key or a condition: `api.with({ signal }).batches()`. */
  with(options: RequestOptions): ApiClient;
}

/** Composes the calls over what sends them. */
export function apiClient(send: Send): ApiClient {
  return { ...callsOf(send), with: (options) => apiClient(send.with(options)) };
}
