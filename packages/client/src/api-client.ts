import {
  type Account,
  type AccountChange,
  type ApiKey,
  type AppliedProfile,
  type ArrivalView,
  type ArtifactKind,
  accountListSchema,
  apiKeyListSchema,
  apiKeySchema,
  appliedProfileSchema,
  arrivalSchema,
  type BatchDetail,
  type BatchPage,
  type BatchStatus,
  batchDetailSchema,
  batchPageSchema,
  type ChangedAccount,
  type CreatedApiKey,
  changedAccountSchema,
  createdApiKeySchema,
  type Identity,
  type IssuePage,
  identitySchema,
  issuePageSchema,
  type MessagePage,
  type MessageState,
  Misconfigured,
  messagePageSchema,
  type NewAccount,
  type NewApiKey,
  type NewPgpKey,
  type PgpKeyImport,
  type PgpKeyList,
  type PgpKeyRemoval,
  type ProfileInput,
  type ProfileView,
  type ProjectSummary,
  pgpKeyListSchema,
  profileViewSchema,
  projectListSchema,
  type QueueList,
  queueListSchema,
  type Rehearsal,
  type RemovedPgpKey,
  type RetryBody,
  type Revocation,
  type RevocationBody,
  type RunDetail,
  type RunPage,
  rehearsalSchema,
  removedPgpKeySchema,
  revocationSchema,
  runDetailSchema,
  runPageSchema,
  type StoredPgpKey,
  type StoredSecret,
  storedPgpKeySchema,
  storedSecretSchema,
  type Uploaded,
  uploadedSchema,
} from "@inlet/contracts";
import { z } from "zod";
import { errorOf, unreachable } from "./api-refusal.ts";
import { countedBody, type Upload } from "./upload.ts";

/** Where the API is, and as whom it is spoken to. */
export interface ClientOptions {
  /** Such as `http://127.0.0.1:8080`, with or without a path before `/v1`. */
  url: string;
  /** An API key, `inlet_…`. */
  key: string;
  /** An answer (not an upload) that takes longer is given up. Default 30 s. */
  timeoutMs?: number;
}

interface Paging {
  cursor?: string | undefined;
  limit?: number | undefined;
}

/** Conditions on batches; absent ones do not count. */
export interface BatchConditions extends Paging {
  client?: string | undefined;
  project?: string | undefined;
  table?: string | undefined;
  status?: readonly BatchStatus[] | undefined;
  text?: string | undefined;
  run?: number | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface IssueConditions extends Paging {
  code?: string | undefined;
  column?: string | undefined;
  severity?: "error" | "warning" | undefined;
}

export interface RunConditions extends Paging {
  client?: string | undefined;
  project?: string | undefined;
  state?: "open" | "reported" | undefined;
}

/** Every call of the API. Answers are checked against the contracts; errors are AppErrors, see `api-refusal.ts`. */
export interface ApiClient {
  identity(): Promise<Identity>;
  batches(conditions?: BatchConditions): Promise<BatchPage>;
  batch(id: number): Promise<BatchDetail>;
  issues(batchId: number, conditions?: IssueConditions): Promise<IssuePage>;
  retry(batchId: number, body?: RetryBody): Promise<BatchDetail>;
  cancel(batchId: number, body?: { reason?: string | undefined }): Promise<BatchDetail>;
  revoke(batchId: number, body: RevocationBody): Promise<Revocation>;
  /** A stored file's bytes, with its name. */
  artifact(batchId: number, kind: ArtifactKind): Promise<{ name: string; sizeBytes: number; body: ReadableStream }>;
  runs(conditions?: RunConditions): Promise<RunPage>;
  run(id: number): Promise<RunDetail>;
  projects(): Promise<ProjectSummary[]>;
  profile(client: string, project: string): Promise<ProfileView>;
  /** @param options.live makes the project live without a rehearsal, for this reason */
  applyProfile(profile: ProfileInput, options?: { live?: string | undefined }): Promise<AppliedProfile>;
  rehearsal(client: string, project: string): Promise<Rehearsal>;
  /** Puts a project into rehearsal, or begins that anew. One that is live needs a reason. */
  beginRehearsal(client: string, project: string, body?: { reason?: string | undefined }): Promise<Rehearsal>;
  /** Without a reason once the rehearsal has passed. */
  goLive(client: string, project: string, body?: { reason?: string | undefined }): Promise<Rehearsal>;
  storeSecret(client: string, name: string, value: string): Promise<StoredSecret>;
  pgpKeys(client: string, project: string): Promise<PgpKeyList>;
  generatePgpKey(client: string, project: string, key?: NewPgpKey): Promise<StoredPgpKey>;
  rotatePgpKey(client: string, project: string, key?: NewPgpKey): Promise<StoredPgpKey>;
  importPgpKey(client: string, project: string, key: PgpKeyImport): Promise<StoredPgpKey>;
  /** The armoured public key, with the name of its file. */
  publicPgpKey(client: string, project: string, fingerprint: string): Promise<{ name: string; publicKey: string }>;
  removePgpKey(client: string, project: string, fingerprint: string, removal?: PgpKeyRemoval): Promise<RemovedPgpKey>;
  accounts(client?: string): Promise<Account[]>;
  addAccount(account: NewAccount): Promise<ChangedAccount>;
  changeAccount(username: string, change: AccountChange): Promise<ChangedAccount>;
  upload(upload: Upload): Promise<Uploaded>;
  arrival(id: number): Promise<ArrivalView>;
  messages(conditions?: Paging & { state?: MessageState | undefined }): Promise<MessagePage>;
  queues(): Promise<QueueList["queues"]>;
  apiKeys(): Promise<ApiKey[]>;
  createApiKey(key: NewApiKey): Promise<CreatedApiKey>;
  revokeApiKey(idOrPrefix: string | number): Promise<ApiKey>;
}

const DEFAULT_TIMEOUT_MS = 30_000;

/** Makes a client. Nothing is sent before its first call. */
export function openClient({ url, key, timeoutMs = DEFAULT_TIMEOUT_MS }: ClientOptions): ApiClient {
  const base = url.replace(/\/+$/, "");
  const authorization = `Bearer ${key}`;

  /** @throws AppError for everything but a success */
  async function send(path: string, init: RequestInit): Promise<Response> {
    let response: Response;
    try {
      response = await fetch(`${base}${path}`, { ...init, redirect: "error" });
    } catch (error) {
      if (init.signal?.aborted && (init.signal.reason as Error | undefined)?.name !== "TimeoutError") throw error;
      throw unreachable(base, error);
    }
    if (response.ok) return response;
    throw errorOf(response.status, await response.text().catch(() => ""), base);
  }

  async function call<T extends z.ZodType>(
    schema: T,
    method: string,
    path: string,
    body?: object,
  ): Promise<z.infer<T>> {
    const headers = { authorization, accept: "application/json" };
    const response = await send(path, {
      method,
      headers: body === undefined ? headers : { ...headers, "content-type": "application/json" },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(timeoutMs),
    });
    return await read(schema, response);
  }

  async function read<T extends z.ZodType>(schema: T, response: Response): Promise<z.infer<T>> {
    let answer: unknown;
    try {
      answer = await response.json();
    } catch (error) {
      throw unreachable(base, error);
    }
    const parsed = z.safeParse(schema, answer);
    if (parsed.success) return parsed.data;
    const [issue] = parsed.error.issues;
    throw new Misconfigured({
      code: "answer_unknown",
      message: `${base} answers what this version does not know (${issue?.path.join(".")}: ${issue?.message}). Use the version of the hub.`,
      cause: parsed.error,
    });
  }

  return {
    identity: () => call(identitySchema, "GET", "/v1/identity"),
    batches: (conditions = {}) => call(batchPageSchema, "GET", `/v1/batches${queryOf({ ...conditions })}`),
    batch: (id) => call(batchDetailSchema, "GET", `/v1/batches/${id}`),
    issues: (id, conditions = {}) =>
      call(issuePageSchema, "GET", `/v1/batches/${id}/issues${queryOf({ ...conditions })}`),
    retry: (id, body = {}) => call(batchDetailSchema, "POST", `/v1/batches/${id}/retry`, body),
    cancel: (id, body = {}) => call(batchDetailSchema, "POST", `/v1/batches/${id}/cancel`, body),
    revoke: (id, body) => call(revocationSchema, "POST", `/v1/batches/${id}/revocations`, body),
    async artifact(id, kind) {
      const response = await send(`/v1/batches/${id}/artifacts/${kind}`, { headers: { authorization } });
      return {
        name: fileNameOf(response.headers.get("content-disposition")) ?? kind,
        sizeBytes: Number(response.headers.get("content-length")),
        body: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
      };
    },
    runs: (conditions = {}) => call(runPageSchema, "GET", `/v1/runs${queryOf({ ...conditions })}`),
    run: (id) => call(runDetailSchema, "GET", `/v1/runs/${id}`),
    projects: async () => (await call(projectListSchema, "GET", "/v1/projects")).projects,
    profile: (client, project) => call(profileViewSchema, "GET", `${projectPath(client, project)}/profile`),
    applyProfile: (profile, { live } = {}) =>
      call(
        appliedProfileSchema,
        "PUT",
        `${projectPath(profile.client, profile.project)}/profile${queryOf({ live })}`,
        profile,
      ),
    rehearsal: (client, project) => call(rehearsalSchema, "GET", `${projectPath(client, project)}/rehearsal`),
    beginRehearsal: (client, project, body = {}) =>
      call(rehearsalSchema, "POST", `${projectPath(client, project)}/rehearsal`, body),
    goLive: (client, project, body = {}) => call(rehearsalSchema, "POST", `${projectPath(client, project)}/live`, body),
    storeSecret: (client, name, value) =>
      call(storedSecretSchema, "PUT", `/v1/clients/${part(client)}/secrets/${part(name)}`, { value }),
    pgpKeys: (client, project) => call(pgpKeyListSchema, "GET", `${projectPath(client, project)}/keys`),
    generatePgpKey: (client, project, key = {}) =>
      call(storedPgpKeySchema, "POST", `${projectPath(client, project)}/keys`, key),
    rotatePgpKey: (client, project, key = {}) =>
      call(storedPgpKeySchema, "POST", `${projectPath(client, project)}/keys/rotate`, key),
    importPgpKey: (client, project, key) =>
      call(storedPgpKeySchema, "POST", `${projectPath(client, project)}/keys/import`, key),
    async publicPgpKey(client, project, fingerprint) {
      const path = `${projectPath(client, project)}/keys/${part(fingerprint)}/public`;
      const response = await send(path, { headers: { authorization }, signal: AbortSignal.timeout(timeoutMs) });
      const name = fileNameOf(response.headers.get("content-disposition")) ?? `${fingerprint}.asc`;
      return { name, publicKey: await response.text() };
    },
    removePgpKey: (client, project, fingerprint, removal = {}) =>
      call(
        removedPgpKeySchema,
        "DELETE",
        `${projectPath(client, project)}/keys/${part(fingerprint)}${queryOf({ ...removal })}`,
      ),
    accounts: async (client) => (await call(accountListSchema, "GET", `/v1/accounts${queryOf({ client })}`)).accounts,
    addAccount: (account) => call(changedAccountSchema, "POST", "/v1/accounts", account),
    changeAccount: (username, change) => call(changedAccountSchema, "PATCH", `/v1/accounts/${part(username)}`, change),
    async upload(upload) {
      const { client, project, name, records, sizeBytes, signal } = upload;
      const size = upload.body instanceof Blob ? upload.body.size : sizeBytes;
      const response = await send(`${projectPath(client, project)}/files${queryOf({ name, records })}`, {
        method: "POST",
        headers: {
          authorization,
          "content-type": "application/octet-stream",
          ...(size === undefined ? {} : { "content-length": String(size) }),
        },
        body: countedBody(upload),
        ...(signal ? { signal } : {}),
        // Without it fetch refuses streams (WHATWG fetch, section 5.4).
        duplex: "half",
      } as RequestInit);
      return await read(uploadedSchema, response);
    },
    arrival: (id) => call(arrivalSchema, "GET", `/v1/arrivals/${id}`),
    messages: (conditions = {}) => call(messagePageSchema, "GET", `/v1/messages${queryOf({ ...conditions })}`),
    queues: async () => (await call(queueListSchema, "GET", "/v1/queues")).queues,
    apiKeys: async () => (await call(apiKeyListSchema, "GET", "/v1/api-keys")).apiKeys,
    createApiKey: (created) => call(createdApiKeySchema, "POST", "/v1/api-keys", created),
    revokeApiKey: (key) => call(apiKeySchema, "DELETE", `/v1/api-keys/${part(String(key))}`),
  };
}

function projectPath(client: string, project: string): string {
  return `/v1/clients/${part(client)}/projects/${part(project)}`;
}

const part = encodeURIComponent;

/** `?a=1&b=2` of what is there; lists with commas. */
function queryOf(values: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== undefined) query.set(name, Array.isArray(value) ? value.join(",") : String(value));
  }
  return query.size === 0 ? "" : `?${query}`;
}

/** The whole name out of a Content-Disposition header (RFC 8187). */
function fileNameOf(header: string | null): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "")?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
