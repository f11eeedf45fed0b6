import { buildProfile, type TestHub } from "./hub.ts";
import {
  givenDeadLetter,
  givenDraft,
  givenForgetting,
  givenLetter,
  givenUser,
  givenWebhook,
  PUBLIC_KEY,
  type Side,
} from "./side.ts";
import { givenAsset } from "./storyboards.ts";

/**
 * How a request of one route is made, for the authorisation matrix (`identity/authorisation.test.ts`): every route × every
 * kind of caller × the own client's thing and another's.
 *
 * **To add a route**: one line below, `"METHOD /pattern": { … }`, with the pattern as it is registered.
 * - `path` makes the address out of a client's things (`Side`). A kind of thing that is not there yet: a field of `Side`,
 *   made in `givenSide`, and one that nobody has in `NOWHERE`.
 * - Writes need a `body` that is valid, so that what is refused is refused for its caller.
 * - What an address is used up by (DELETE) is made by `fresh`, anew for each request.
 * - A body that names a client or its things is a function of them; then the request is judged for another's, too.
 * - A list without parameters needs no line, unless its answer can name no client (`namesNobody`).
 *
 * What is expected follows from the route's access alone: 401 for nobody, 403 for who may not, 404 for another client's
 * thing just as for one that is nowhere, and else an answer that is neither of these.
 */
export interface RouteFixture {
  /** Left out: the pattern as it stands. */
  path?: (side: Side) => string;
  /** JSON, or the bytes of a file. */
  body?: object | Buffer | ((side: Side) => object);
  headers?: Readonly<Record<string, string>>;
  /** Makes what the request uses up, and names it. */
  fresh?: (hub: TestHub, side: Side) => Promise<Partial<Side>>;
  /** Statuses that are right besides success for a caller who may, for example because things stand so. */
  also?: readonly number[];
  /** The answer goes on until somebody goes away. */
  streams?: true;
  /** The request ends its caller's session. */
  endsSession?: true;
  /** The answer holds no thing of any client. */
  namesNobody?: true;
  /** What it answers ships with the hub: everybody gets the same, and clients' names in it are examples. */
  ships?: true;
}

const ofProject = (rest: string) => (side: Side) => `/v1/clients/${side.client}/projects/${side.project}${rest}`;
const ofDraft = (rest: string) => (side: Side) => `/v1/drafts/${side.draft}${rest}`;
const ofCatalog = (rest: string) => (side: Side) =>
  `/v1/clients/${side.client}/projects/shop/catalogs/things/items${rest}`;
const ofStoryboard = (rest: string) => ofProject(`/storyboard${rest}`);
const ofSubscription = (rest: string) => (side: Side) => `/v1/subscriptions/${side.subscription}${rest}`;
/** A user or key that is no client's: it needs no scope to be out of reach. */
const ACCOUNT_BODY = { client: "spring", username: "made_by_matrix", publicKeys: [PUBLIC_KEY] };
const PAGE_ONLY = [403] as const;

/**
 * Parts of others' making that are mounted whole, by the beginning of their addresses. No client's thing is in them, so
 * their routes are asked as they stand, and only whether who may not is refused is judged.
 */
export const MOUNTED: readonly string[] = ["/operations/queues"];

export const ROUTE_FIXTURES: Readonly<Record<string, RouteFixture>> = {
  // Batches and runs
  "GET /v1/batches/:id": { path: ({ batch }) => `/v1/batches/${batch}` },
  "GET /v1/batches/:id/issues": { path: ({ batch }) => `/v1/batches/${batch}/issues` },
  "GET /v1/batches/:id/artifacts/:kind": { path: ({ batch }) => `/v1/batches/${batch}/artifacts/result` },
  "GET /v1/batches/:id/results": { path: ({ batch }) => `/v1/batches/${batch}/results` },
  "GET /v1/batches/:id/results/recipients": { path: ({ batch }) => `/v1/batches/${batch}/results/recipients` },
  "GET /v1/batches/:id/results/events": { path: ({ batch }) => `/v1/batches/${batch}/results/events` },
  "GET /v1/clients/:client/projects/:project/results": { path: ofProject("/results") },
  "POST /v1/batches/:id/retry": { path: ({ batch }) => `/v1/batches/${batch}/retry`, body: {}, also: [409] },
  "POST /v1/batches/:id/cancel": {
    path: ({ batch }) => `/v1/batches/${batch}/cancel`,
    body: { reason: "matrix" },
    also: [409],
  },
  "POST /v1/batches/:id/revocations": { path: ({ batch }) => `/v1/batches/${batch}/revocations`, body: { all: true } },
  // Nobody's link: of another's it says the same.
  "POST /v1/revocations": { body: { link: "A".repeat(35) }, also: [404] },
  "GET /v1/clients/:client/projects/:project/forgettings": { path: ofProject("/forgettings") },
  "POST /v1/clients/:client/projects/:project/forgettings": {
    path: ofProject("/forgettings"),
    body: { column: "id", value: "matrix", preview: true },
  },
  "GET /v1/clients/:client/projects/:project/forgettings/:forgetting": {
    path: (side) => ofProject(`/forgettings/${side.forgetting}`)(side),
  },
  "POST /v1/clients/:client/projects/:project/forgettings/:forgetting/confirmation": {
    path: (side) => ofProject(`/forgettings/${side.forgetting}/confirmation`)(side),
    also: [409],
  },
  "POST /v1/clients/:client/projects/:project/forgettings/:forgetting/retry": {
    path: (side) => ofProject(`/forgettings/${side.forgetting}/retry`)(side),
    also: [409],
  },
  "DELETE /v1/clients/:client/projects/:project/forgettings/:forgetting": {
    path: (side) => ofProject(`/forgettings/${side.forgetting}`)(side),
    fresh: async (hub, { client }) => ({ forgetting: await givenForgetting(hub, client) }),
  },
  "POST /v1/batches/:id/rerun": {
    path: ({ batch }) => `/v1/batches/${batch}/rerun`,
    body: { reason: "matrix" },
    also: [409],
  },
  // Of numbers that are another's the answer says the same as of numbers that are nobody's.
  "POST /v1/batches/retry": { body: { ids: [987_654_321] } },
  "GET /v1/batches/:id/log": { path: ({ batch }) => `/v1/batches/${batch}/log` },
  "GET /v1/batches/counts": { namesNobody: true },
  // Views are their callers' own; nobody here has any.
  "GET /v1/views": { namesNobody: true },
  "POST /v1/views": { body: { name: "matrix", filters: "status=failed" }, also: [409] },
  "PATCH /v1/views/:id": { path: () => "/v1/views/987654321", body: { name: "matrix" }, also: [404] },
  "DELETE /v1/views/:id": { path: () => "/v1/views/987654321", also: [404] },
  "GET /v1/events": { streams: true, namesNobody: true },
  "GET /v1/runs/:id": { path: ({ run }) => `/v1/runs/${run}` },
  "GET /v1/clients/:client/projects/:project/schedule": { path: ofProject("/schedule") },
  // The project has no schedule.
  "POST /v1/clients/:client/projects/:project/runs": {
    path: ofProject("/runs"),
    body: { reason: "matrix" },
    also: [409],
  },

  // Uploads
  "POST /v1/clients/:client/projects/:project/files": {
    path: ofProject("/files?name=matrix.csv"),
    body: Buffer.from("id\n1\n"),
  },
  "GET /v1/arrivals/:id": { path: ({ arrival }) => `/v1/arrivals/${arrival}` },

  // Drafts: the one that everybody meets has no content yet, so what needs a check is refused as things stand.
  "GET /v1/drafts": { namesNobody: true },
  "POST /v1/clients/:client/projects/:project/drafts": {
    path: ofProject("/drafts"),
    body: { fileName: "matrix.csv", sizeBytes: 5, table: "contacts" },
  },
  "POST /v1/trials": {
    body: ({ client, project }) => ({
      profile: buildProfile({ client, project }),
      ...{ fileName: "matrix.csv", sizeBytes: 5, table: "contacts" },
    }),
  },
  "POST /v1/infer": { path: () => "/v1/infer?fileName=matrix.csv", body: Buffer.from("id,day\n1,2026-11-20\n") },
  "GET /v1/drafts/:id": { path: ofDraft("") },
  "GET /v1/drafts/:id/rows": { path: ofDraft("/rows"), also: [409] },
  "GET /v1/drafts/:id/findings": { path: ofDraft("/findings"), also: [409] },
  "GET /v1/drafts/:id/edits": { path: ofDraft("/edits") },
  "GET /v1/drafts/:id/errors": { path: ofDraft("/errors"), also: [409] },
  "GET /v1/drafts/:id/content": { path: ofDraft("/content"), also: [409] },
  "HEAD /v1/drafts/:id/content": { path: ofDraft("/content") },
  // It does not say where its piece begins.
  "PATCH /v1/drafts/:id/content": { path: ofDraft("/content"), body: Buffer.from("id\n"), also: [400] },
  "PUT /v1/drafts/:id/mapping": { path: ofDraft("/mapping"), body: { columns: [] }, also: [409] },
  "POST /v1/drafts/:id/edits": {
    path: ofDraft("/edits"),
    body: { edits: [{ record: 1, columnIndex: 0, value: "1" }] },
    also: [409],
  },
  "DELETE /v1/drafts/:id/edits": { path: ofDraft("/edits"), also: [409] },
  "POST /v1/drafts/:id/fixes": { path: ofDraft("/fixes"), body: { code: "not_a_date" }, also: [409] },
  "POST /v1/drafts/:id/check": { path: ofDraft("/check"), also: [409] },
  "POST /v1/drafts/:id/submit": { path: ofDraft("/submit"), also: [409] },
  "DELETE /v1/drafts/:id": {
    path: ofDraft(""),
    fresh: async (hub, { client }) => ({ draft: await givenDraft(hub, client) }),
  },

  // Pulls: the project of the matrix pulls nothing
  "GET /v1/clients/:client/projects/:project/pulls": { path: ofProject("/pulls") },
  "POST /v1/clients/:client/projects/:project/pulls": { path: ofProject("/pulls"), body: {}, also: [409] },
  "POST /v1/clients/:client/projects/:project/pulls/probe": { path: ofProject("/pulls/probe"), body: {}, also: [409] },
  "GET /v1/clients/:client/projects/:project/pull-state": { path: ofProject("/pull-state"), also: [409] },
  "GET /v1/pulls/:pull": { path: ({ pull }) => `/v1/pulls/${pull}` },
  "POST /v1/pulls/:pull/cancel": { path: ({ pull }) => `/v1/pulls/${pull}/cancel`, body: {}, also: [409] },

  // Catalog sync
  "GET /v1/clients/:client/projects/:project/catalogs": { path: ofProject("/catalogs") },
  "GET /v1/clients/:client/projects/:project/catalogs/:table/items": { path: ofCatalog("") },
  "GET /v1/clients/:client/projects/:project/catalogs/:table/items/:key": { path: ofCatalog("/1") },
  "PUT /v1/clients/:client/projects/:project/catalogs/:table/items/:key": {
    path: ofCatalog("/2"),
    body: { values: { name: "matrix" } },
  },
  "DELETE /v1/clients/:client/projects/:project/catalogs/:table/items/:key": { path: ofCatalog("/2"), also: [404] },
  "GET /v1/clients/:client/projects/:project/catalogs/:table/items/:key/history": { path: ofCatalog("/1/history") },
  "GET /v1/subscriptions": {},
  "GET /v1/subscriptions/:subscription": { path: ofSubscription("") },
  "POST /v1/subscriptions/:subscription/pause": { path: ofSubscription("/pause") },
  "POST /v1/subscriptions/:subscription/resume": { path: ofSubscription("/resume") },
  "POST /v1/subscriptions/:subscription/backfill": { path: ofSubscription("/backfill"), body: {} },
  "POST /v1/subscriptions/:subscription/replay": {
    path: ofSubscription("/replay"),
    body: { since: "2026-11-20T00:00:00.000Z" },
  },
  "POST /v1/subscriptions/:subscription/poll": { path: ofSubscription("/poll"), body: {}, also: [409] },
  "GET /v1/subscriptions/:subscription/reconciliations": { path: ofSubscription("/reconciliations") },
  "POST /v1/subscriptions/:subscription/reconciliations": { path: ofSubscription("/reconciliations"), body: {} },
  "GET /v1/subscriptions/:subscription/letters": { path: ofSubscription("/letters") },
  "POST /v1/subscriptions/:subscription/letters/retry": { path: ofSubscription("/letters/retry") },
  "POST /v1/subscriptions/:subscription/letters/:letter/retry": {
    path: ({ subscription, letter }) => `/v1/subscriptions/${subscription}/letters/${letter}/retry`,
  },
  "POST /v1/subscriptions/:subscription/letters/:letter/dismiss": {
    path: ({ subscription, letter }) => `/v1/subscriptions/${subscription}/letters/${letter}/dismiss`,
    body: { reason: "matrix" },
    fresh: async (hub, { client, subscription }) => ({ letter: await givenLetter(hub, { client, subscription }) }),
  },

  // Projects
  "GET /v1/clients/:client/projects/:project/profile": { path: ofProject("/profile") },
  "PUT /v1/clients/:client/projects/:project/profile": {
    path: ofProject("/profile"),
    body: ({ client, project }) => buildProfile({ client, project }),
  },
  "GET /v1/clients/:client/projects/:project/profile/versions": { path: ofProject("/profile/versions") },
  "GET /v1/clients/:client/projects/:project/profile/versions/:version": { path: ofProject("/profile/versions/1") },
  "POST /v1/clients/:client/projects/:project/profile/check": {
    path: ofProject("/profile/check"),
    body: ({ client, project }) => ({ profile: buildProfile({ client, project }) }),
  },
  "GET /v1/clients/:client/projects/:project/rehearsal": { path: ofProject("/rehearsal") },
  "POST /v1/clients/:client/projects/:project/rehearsal": { path: ofProject("/rehearsal"), body: { reason: "matrix" } },
  "POST /v1/clients/:client/projects/:project/live": { path: ofProject("/live"), body: { reason: "matrix" } },
  "GET /v1/clients/:client/projects/:project/tables": { path: ofProject("/tables") },
  "GET /v1/clients/:client/projects/:project/tables/:table": { path: ofProject("/tables/contacts") },
  "GET /v1/clients/:client/projects/:project/tables/:table/rows": { path: ofProject("/tables/contacts/rows") },
  "PUT /v1/clients/:client/secrets/:name": {
    path: ({ client }) => `/v1/clients/${client}/secrets/matrix`,
    body: { value: "matrix" },
  },

  // Storyboards: the project of the matrix has a draft at revision 1, and a live version
  "GET /v1/clients/:client/projects/:project/storyboard": { path: ofStoryboard("") },
  "GET /v1/clients/:client/projects/:project/storyboard/draft": { path: ofStoryboard("/draft") },
  "PUT /v1/clients/:client/projects/:project/storyboard/draft": {
    path: ofStoryboard("/draft"),
    body: { document: {}, revision: 0 },
    also: [409],
  },
  "POST /v1/clients/:client/projects/:project/storyboard/check": {
    path: ofStoryboard("/check"),
    body: { document: {} },
  },
  "POST /v1/clients/:client/projects/:project/storyboard/publish": {
    path: ofStoryboard("/publish"),
    body: { revision: 1 },
  },
  "GET /v1/clients/:client/projects/:project/storyboard/versions": { path: ofStoryboard("/versions") },
  "GET /v1/clients/:client/projects/:project/storyboard/versions/:version": { path: ofStoryboard("/versions/1") },
  "PUT /v1/clients/:client/projects/:project/storyboard/live": { path: ofStoryboard("/live"), body: { version: 1 } },
  "DELETE /v1/clients/:client/projects/:project/storyboard/live": { path: ofStoryboard("/live") },
  "GET /v1/clients/:client/projects/:project/storyboard/changes": { path: ofStoryboard("/changes") },
  "POST /v1/clients/:client/projects/:project/storyboard/film": { path: ofStoryboard("/film"), body: {} },
  "GET /v1/clients/:client/projects/:project/storyboard/sample-rows": { path: ofStoryboard("/sample-rows") },
  "POST /v1/clients/:client/projects/:project/storyboard/draft/ready": {
    path: ofStoryboard("/draft/ready"),
    body: { name: "birthday", revision: 0 },
    also: [409],
  },
  "GET /v1/ready-storyboards": { namesNobody: true, ships: true },
  "GET /v1/ready-storyboards/:name/assets/:asset": {
    path: () => "/v1/ready-storyboards/birthday/assets/birthday-cake.webp",
    ships: true,
  },
  "GET /v1/clients/:client/projects/:project/assets": { path: ofProject("/assets") },
  "POST /v1/clients/:client/projects/:project/assets": {
    path: ofProject("/assets?name=matrix.webp"),
    body: Buffer.from("matrix"),
  },
  "GET /v1/clients/:client/projects/:project/assets/:asset": {
    path: (side) => ofProject(`/assets/${side.asset}`)(side),
  },
  "DELETE /v1/clients/:client/projects/:project/assets/:asset": {
    path: (side) => ofProject(`/assets/${side.asset}`)(side),
    fresh: async (hub, { client }) => await givenAsset(hub, client),
  },
  "GET /v1/clients/:client/projects/:project/asset-files/:sha256": {
    path: (side) => ofProject(`/asset-files/${side.assetFile}`)(side),
  },

  // OpenPGP keys
  "GET /v1/clients/:client/projects/:project/keys": { path: ofProject("/keys") },
  "POST /v1/clients/:client/projects/:project/keys": { path: ofProject("/keys"), body: {}, also: [409] },
  "POST /v1/clients/:client/projects/:project/keys/rotate": { path: ofProject("/keys/rotate"), body: {} },
  "POST /v1/clients/:client/projects/:project/keys/import": {
    path: ofProject("/keys/import"),
    body: { owner: "theirs", key: "no key" },
    also: [400],
  },
  "GET /v1/clients/:client/projects/:project/keys/:fingerprint/public": {
    path: (side) => ofProject(`/keys/${side.fingerprint}/public`)(side),
  },
  "DELETE /v1/clients/:client/projects/:project/keys/:fingerprint": {
    path: (side) => ofProject(`/keys/${side.fingerprint}`)(side),
    also: [409],
  },

  // Accounts on the gateway
  "POST /v1/accounts": { body: ACCOUNT_BODY, also: [409] },
  "PATCH /v1/accounts/:username": { path: ({ account }) => `/v1/accounts/${account}`, body: { enabled: true } },

  // Webhooks
  "GET /v1/clients/:client/webhooks": { path: ({ client }) => `/v1/clients/${client}/webhooks` },
  "POST /v1/clients/:client/webhooks": {
    path: ({ client }) => `/v1/clients/${client}/webhooks`,
    body: { url: "https://example.com/inlet", events: ["batch.completed"] },
    also: [409],
  },
  "GET /v1/webhooks/:id": { path: ({ webhook }) => `/v1/webhooks/${webhook}` },
  "PATCH /v1/webhooks/:id": { path: ({ webhook }) => `/v1/webhooks/${webhook}`, body: { enabled: true } },
  "DELETE /v1/webhooks/:id": {
    path: ({ webhook }) => `/v1/webhooks/${webhook}`,
    fresh: async (hub, { client }) => ({ webhook: await givenWebhook(hub, client) }),
  },
  "POST /v1/webhooks/:id/rotate": { path: ({ webhook }) => `/v1/webhooks/${webhook}/rotate`, body: {}, also: [409] },
  "POST /v1/webhooks/:id/ping": { path: ({ webhook }) => `/v1/webhooks/${webhook}/ping`, body: {} },
  "GET /v1/webhooks/:id/deliveries": { path: ({ webhook }) => `/v1/webhooks/${webhook}/deliveries` },
  "GET /v1/deliveries/:id": { path: ({ delivery }) => `/v1/deliveries/${delivery}` },
  "POST /v1/deliveries/:id/resend": { path: ({ delivery }) => `/v1/deliveries/${delivery}/resend`, also: [409] },

  // Operation
  "POST /v1/messages/:id/retry": {
    path: ({ message }) => `/v1/messages/${message}/retry`,
    body: {},
    fresh: async (hub, side) => ({ message: await givenDeadLetter(hub, side) }),
    also: [409],
  },
  "POST /v1/messages/retry": { body: { ids: [987_654_321] } },
  "GET /v1/connection": { namesNobody: true },
  // The console's own files, which hold nothing of anybody.
  "GET /assets/*": { path: () => "/assets/x.js", also: [404], namesNobody: true },

  // Users and keys: nobody with a scope gets near them
  "GET /v1/identity": { namesNobody: true },
  "POST /v1/api-keys": { body: { name: "made by the matrix", role: "viewer" } },
  "PATCH /v1/api-keys/:key": { path: ({ apiKey }) => `/v1/api-keys/${apiKey}`, body: { name: "matrix" } },
  "POST /v1/api-keys/:key/rotate": { path: ({ apiKey }) => `/v1/api-keys/${apiKey}/rotate`, body: {} },
  "DELETE /v1/api-keys/:key": {
    path: ({ apiKey }) => `/v1/api-keys/${apiKey}`,
    fresh: async (hub, { client }) => ({ apiKey: await givenApiKey(hub, client) }),
  },
  "POST /v1/users": { body: { login: "made@matrix.example", name: "Made", role: "viewer" }, also: [409] },
  "PATCH /v1/users/:id": { path: ({ user }) => `/v1/users/${user}`, body: { name: "Matrix" } },
  "DELETE /v1/users/:id": {
    path: ({ user }) => `/v1/users/${user}`,
    fresh: async (hub, { client }) => ({ user: await givenUser(hub, client) }),
  },
  "POST /v1/users/:id/invitation": { path: ({ user }) => `/v1/users/${user}/invitation` },
  "POST /v1/setup": {
    body: { login: "first@matrix.example", name: "First", password: "correct horse battery" },
    also: [409],
  },

  // Signing in: public, and for the console's own page; keys have no session
  "GET /v1/session": { also: [404], namesNobody: true },
  "DELETE /v1/session": { also: [404], endsSession: true },
  "POST /v1/session": { body: { login: "", password: "" }, also: [400, ...PAGE_ONLY] },
  "POST /v1/session/invitation": { body: { token: "A".repeat(43) }, also: [404] },
  "POST /v1/session/password": {
    body: { invitation: "A".repeat(43), password: "correct horse battery" },
    also: [404, ...PAGE_ONLY],
  },
  "GET /v1/session/oidc": { also: [404] },
  "GET /v1/session/oidc/callback": { also: [404] },

  // The description's page
  "GET /docs/static/*": { path: () => "/docs/static/index.html" },
  "HEAD /docs/static/*": { path: () => "/docs/static/index.html" },
};

async function givenApiKey(hub: TestHub, client: string): Promise<string> {
  const { authorization } = await hub.as("viewer", client);
  return /inlet_([a-z0-9]+)_/.exec(authorization)![1]!;
}
