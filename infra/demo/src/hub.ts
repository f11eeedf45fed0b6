import { readFile } from "node:fs/promises";
import {
  type BatchDetail,
  type BatchSummary,
  batchDetailSchema,
  batchPageSchema,
  changedAccountSchema,
  type IssuePage,
  issuePageSchema,
  type Profile,
  type RunDetail,
  runDetailSchema,
  storyboardDraftSchema,
  storyboardStandingSchema,
} from "@inlet/contracts";
import type { Stack } from "@inlet/stack";
import type { z } from "zod";
import { untilListening } from "./listening.ts";
import type { Login } from "./sftp.ts";

/** What the demo asks of the hub, by its API. */
export interface Hub {
  applyProfile(profile: Profile): Promise<void>;
  /** Publishes a project's storyboard: links made from now on show it. One that is published already stays as it is. */
  publishStoryboard(project: { client: string; project: string }, document: unknown): Promise<void>;
  /** A login for a client, with a new password: made, or changed where an earlier demo made it. */
  openAccount(client: string): Promise<Login>;
  listBatches(query: { client: string; project: string; text?: string }): Promise<BatchSummary[]>;
  batch(id: number): Promise<BatchDetail>;
  run(id: number): Promise<RunDetail>;
  issues(batchId: number, limit: number): Promise<IssuePage>;
}

const REQUEST_TIMEOUT_MS = 30_000;
const START_TIMEOUT_MS = 20_000;

/** An answer of the API's that is no success, in its own words. */
class ApiRefusal extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** Opens the hub with its admin key: INLET_API_KEY, or the one that its first start wrote into the state folder. */
export async function openHub(stack: Stack): Promise<Hub> {
  const { hostname, port } = new URL(stack.apiUrl);
  const places = [stack.sftp, { host: hostname, port: Number(port) }];
  await Promise.all(places.map((place) => untilListening(place, START_TIMEOUT_MS)));
  const key = process.env.INLET_API_KEY ?? (await readKey(stack.adminKeyFile));
  const hostKeys = new Set<string>();

  async function ask<Schema extends z.ZodType>(method: string, path: string, schema: Schema | null, body?: unknown) {
    const response = await fetch(`${stack.apiUrl}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${key}`,
        ...(body !== undefined && { "content-type": "application/json" }),
      },
      ...(body !== undefined && { body: JSON.stringify(body) }),
      signal: AbortSignal.timeout(REQUEST_TIMEOUT_MS),
    });
    const answer: unknown = await response.json();
    if (!response.ok) {
      const { detail, errors } = answer as { detail?: string; errors?: { message: string }[] };
      const details = errors?.map(({ message }) => message).join("; ");
      throw new ApiRefusal(
        response.status,
        `${detail ?? `${method} ${path} answered ${response.status}`}${details ? ` ${details}` : ""}`,
      );
    }
    return (schema ? schema.parse(answer) : undefined) as Schema extends z.ZodType ? z.infer<Schema> : undefined;
  }

  return {
    async applyProfile(profile) {
      // Its files are to land at once; a rehearsal is for clients of one's own.
      await ask("PUT", `/v1/clients/${profile.client}/projects/${profile.project}/profile?live=demo`, null, profile);
    },
    async publishStoryboard({ client, project }, document) {
      const path = `/v1/clients/${client}/projects/${project}/storyboard`;
      const { draft } = await ask("GET", path, storyboardStandingSchema);
      const body = { document, revision: draft?.revision ?? 0 };
      const { revision } = await ask("PUT", `${path}/draft`, storyboardDraftSchema, body);
      await ask("POST", `${path}/publish`, null, { revision });
    },
    async openAccount(client) {
      const made = await ask("POST", "/v1/accounts", changedAccountSchema, {
        client,
        username: client,
        generatePassword: true,
      }).catch((error: unknown) => {
        if (!(error instanceof ApiRefusal) || error.status !== 409) throw error;
        return ask("PATCH", `/v1/accounts/${client}`, changedAccountSchema, { generatePassword: true, enabled: true });
      });
      if (made.password === undefined) throw new Error(`the hub made no password for ${client}`);
      return { ...stack.sftp, username: client, password: made.password, hostKeys };
    },
    async listBatches(query) {
      return (await ask("GET", `/v1/batches?${new URLSearchParams({ ...query, limit: "200" })}`, batchPageSchema))
        .batches;
    },
    batch: (id) => ask("GET", `/v1/batches/${id}`, batchDetailSchema),
    run: (id) => ask("GET", `/v1/runs/${id}`, runDetailSchema),
    issues: (batchId, limit) => ask("GET", `/v1/batches/${batchId}/issues?limit=${limit}`, issuePageSchema),
  };
}

async function readKey(file: string): Promise<string> {
  try {
    return (await readFile(file, "utf8")).trim();
  } catch {
    throw new Error(`There is no admin key in ${file}. With a database that has keys already, set INLET_API_KEY.`);
  }
}
