import type { Draft, DraftRows, ProfileInput } from "@inlet/contracts";
import { profileSchema } from "@inlet/contracts";
import { applyProfile, transaction } from "@inlet/database";
import { waitFor } from "@inlet/stack";
import { expect } from "vitest";
import { buildProfile, type TestHub } from "../testing/hub.ts";

/** Long enough for a check on a machine that is busy with other things. */
const CHECK_MS = 60_000;

type Table = NonNullable<ProfileInput["tables"]>[number];

/** Stores a project's profile, live, with one table of orders unless others are given. */
export async function givenTables(
  hub: TestHub,
  { client, project, tables = [ORDERS] }: { client: string; project: string; tables?: Table[] },
) {
  const profile = profileSchema.parse(buildProfile({ client, project, tables }));
  return await transaction(hub.database, (tx) => applyProfile(tx, { profile, appliedBy: "test" }));
}

export const ORDERS: Table = {
  name: "orders",
  description: "Orders of one day",
  columns: [
    { name: "id", type: "integer", required: true },
    { name: "email", header: "E-Mail", type: "email" },
    { name: "amount", type: "decimal", precision: 10, scale: 2, optional: true },
  ],
  key: ["id"],
};

/** Speaks to a hub as somebody. */
export function draftClient(hub: TestHub, headers: Record<string, string>, path = "/v1/clients/spring/projects/shop") {
  const ask = async (method: string, url: string, payload?: unknown, more: Record<string, string> = {}) =>
    await hub.app.inject({
      method: method as "GET",
      url,
      headers: { ...headers, ...more },
      ...(payload === undefined ? {} : { payload: payload as object }),
    });
  const client = {
    ask,
    async begin(fileName: string, content: Buffer | string, more: object = {}): Promise<Draft> {
      const sizeBytes = Buffer.byteLength(content);
      const begun = await ask("POST", `${path}/drafts`, { fileName, sizeBytes, ...more });
      expect(begun.statusCode, begun.body).toBe(201);
      return begun.json();
    },
    async send(id: number, content: Buffer | string, offset = 0) {
      return await ask("PATCH", `/v1/drafts/${id}/content`, Buffer.from(content), {
        "upload-offset": String(offset),
        "content-type": "application/partial-upload",
      });
    },
    async get(id: number): Promise<Draft> {
      return (await ask("GET", `/v1/drafts/${id}`)).json();
    },
    /** Waits until the check has ended. */
    async checked(id: number): Promise<Draft> {
      let draft = await client.get(id);
      await waitFor(
        async () => {
          draft = await client.get(id);
          return draft.state !== "checking" && draft.state !== "uploading";
        },
        { what: `draft ${id} to be checked`, timeoutMs: CHECK_MS },
      );
      return draft;
    },
    /** A draft of this content, checked. */
    async given(fileName: string, content: Buffer | string, more: object = {}): Promise<Draft> {
      const { id } = await client.begin(fileName, content, more);
      const sent = await client.send(id, content);
      expect(sent.statusCode, sent.body).toBe(204);
      return await client.checked(id);
    },
    async rows(id: number, query = ""): Promise<DraftRows> {
      const answer = await ask("GET", `/v1/drafts/${id}/rows?${query}`);
      expect(answer.statusCode, answer.body).toBe(200);
      return answer.json();
    },
  };
  return client;
}

export type DraftClient = ReturnType<typeof draftClient>;
