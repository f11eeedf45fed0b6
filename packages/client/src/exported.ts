export type { Paging } from "./address.ts";
export type { ApiClient } from "./api-client.ts";
export { ApiRefusal } from "./api-refusal.ts";
export type { BatchConditions, IssueConditions } from "./calls/batches.ts";
export type { ChangeConditions } from "./calls/changes.ts";
export type { RunConditions } from "./calls/runs.ts";
export type { StoredFile } from "./stored-file.ts";
export { type Credentials, newIdempotencyKey, type RequestOptions, type TransportOptions } from "./transport.ts";
export type { Upload } from "./upload.ts";
