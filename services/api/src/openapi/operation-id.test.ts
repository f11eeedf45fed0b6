import { expect, test } from "vitest";
import { operationId } from "./operation-id.ts";

test.each([
  ["get", "/v1/batches", "getBatches"],
  ["get", "/v1/batches/{id}", "getBatch"],
  ["get", "/v1/batches/{id}/issues", "getBatchIssues"],
  ["post", "/v1/batches/{id}/retry", "postBatchRetry"],
  ["delete", "/v1/api-keys/{key}", "deleteApiKey"],
  ["put", "/v1/clients/{client}/projects/{project}/profile", "putClientProjectProfile"],
  ["get", "/v1/queries/{id}", "getQuery"],
  ["get", "/v1/access/{id}", "getAccess"],
])("%s %s is %s", (method, path, name) => {
  expect(operationId(method, path)).toBe(name);
});
