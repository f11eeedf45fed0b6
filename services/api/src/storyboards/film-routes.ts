import {
  filmBodySchema,
  filmViewSchema,
  projectPathSchema,
  type SampleRows,
  type Storyboard,
  sampleRowsQuerySchema,
  sampleRowsSchema,
} from "@inlet/contracts";
import {
  batchWithRows,
  profileAt,
  recordAudit,
  revokedRecords,
  type SampledBatch,
  storyboardAt,
} from "@inlet/database";
import { openRecipients } from "@inlet/purl";
import { filmOf, pageWordsOf, rowOf, type StoredAssets, unmetRequirements } from "@inlet/storyboard";
import type { z } from "zod";
import { auditOf } from "../audit-entry.ts";
import { noBatch } from "../batches/batch-page.ts";
import { errors } from "../openapi/openapi.ts";
import { notFound, Refusal } from "../requests/errors.ts";
import type { ApiParts, RouteHost } from "../route-host.ts";
import { iso } from "../views.ts";
import { readyAssets } from "./asset-view.ts";
import { judgeStoryboard } from "./judge-storyboard.ts";
import { STORYBOARD, STORYBOARD_BYTES } from "./storyboard-draft-routes.ts";
import { type StoryboardPlace, storyboardPlace } from "./storyboard-place.ts";
import { draftDocument, noVersion, storyboardState } from "./storyboard-state.ts";

const tags = ["Storyboards"];

/** What recipients would see, before there are any. */
export function filmRoutes(app: RouteHost, { database, blobs }: ApiParts): void {
  app.post(
    `${STORYBOARD}/film`,
    {
      bodyLimit: STORYBOARD_BYTES,
      config: { access: "read" },
      schema: {
        tags,
        summary: "Show what one recipient would see",
        description:
          "The film, the page's words, and what the row lacks to get a link, for given values or one of the storyboard's samples. " +
          "Files are named by their SHA-256; `GET …/asset-files/{sha256}` hands them out.",
        params: projectPathSchema,
        body: filmBodySchema,
        response: { 200: filmViewSchema, ...errors(404) },
      },
    },
    async (request) => {
      const place = await storyboardPlace(database, request);
      const { storyboard, assets } = await shown(place, request.body);
      const values = valuesOf(storyboard, request.body);
      const row = rowOf(values);
      const options = { assets, language: request.body.language };
      return writable({
        film: filmOf(storyboard, row, options),
        page: pageWordsOf(storyboard, row, options),
        unmet: unmetRequirements(storyboard, row),
        values,
      });
    },
  );

  /** The storyboard that was asked for, with the files that it shows. @throws Refusal */
  async function shown(
    place: StoryboardPlace,
    { document: given, version }: z.output<typeof filmBodySchema>,
  ): Promise<{ storyboard: Storyboard; assets: StoredAssets }> {
    const { projectId, profile, client, project } = place;
    if (version !== undefined) {
      const published = await storyboardAt(database, { projectId, version });
      if (published === undefined) throw noVersion(place, version);
      const assets = Object.fromEntries(published.assets.map((asset) => [asset.name, asset]));
      return { storyboard: published.document, assets };
    }
    const state = await storyboardState(database, projectId);
    const document = given === undefined ? await draftDocument(database, projectId, state) : given;
    if (document === null && given === undefined) {
      const advice = `PUT /v1/clients/${client}/projects/${project}/storyboard/draft saves one.`;
      throw notFound("storyboard_draft_missing", `${client}/${project} has no draft of a storyboard. ${advice}`);
    }
    const { storyboard, problems } = judgeStoryboard(document, { profile, assets: state.assets });
    if (storyboard !== undefined) return { storyboard, assets: readyAssets(state.assets) };
    const mistakes = problems.map(({ path, message }) => ({ path, message }));
    throw new Refusal(400, "storyboard_invalid", "This is no storyboard yet; see errors.", mistakes.slice(0, 200));
  }

  app.get(
    `${STORYBOARD}/sample-rows`,
    {
      config: { access: "files" },
      schema: {
        tags,
        summary: "Show rows of a batch to try a storyboard with",
        description:
          "Up to 20 of its first rows whose links were not taken back, with their values as films take them. They are recipients' " +
          "own: the audit keeps who asked.",
        params: projectPathSchema,
        querystring: sampleRowsQuerySchema,
        response: { 200: sampleRowsSchema, ...errors(404) },
      },
    },
    async (request): Promise<SampleRows> => {
      const { clientId, projectId, client, project } = await storyboardPlace(database, request);
      const { batch: batchId, count } = request.query;
      const batch = await batchWithRows(database, { clientId, projectId, batchId: batchId ?? null });
      if (batch === undefined) {
        if (batchId !== undefined) throw noBatch(batchId);
        return { batch: null, columns: [], rows: [] };
      }
      const read = await rowsOf(batch, { projectId, count });
      const detail = { batchId: batch.batchId, rows: read.rows.length };
      await recordAudit(database, auditOf(request, "storyboard.rows", { path: `${client}/${project}`, detail }));
      const { batchId: id, tableName: table, fileName, receivedAt } = batch;
      return { batch: { id, table, fileName, receivedAt: iso(receivedAt) }, ...read };
    },
  );

  async function rowsOf(
    { batchId, tableName, profileVersion: version, canonical, index }: SampledBatch,
    { projectId, count }: { projectId: number; count: number },
  ): Promise<Pick<SampleRows, "columns" | "rows">> {
    const profile = await profileAt(database, { projectId, version });
    const columns = profile.tables.find(({ name }) => name === tableName)?.columns.map(({ name }) => name) ?? [];
    // Of a recipient who was forgotten nothing is left but letters in the place of letters.
    const revoked = new Set(await revokedRecords(database, batchId));
    const rows: SampleRows["rows"] = [];
    const recipients = openRecipients(blobs, { maxBatches: 1 });
    try {
      for (let record = 1; record <= MOST_RECORDS_TRIED && rows.length < count; record += 1) {
        const found = revoked.has(record) ? undefined : await recipients.find({ canonical, index, columns }, record);
        if (found !== undefined) rows.push({ record, values: Object.fromEntries(found) });
      }
    } finally {
      await recipients.close();
    }
    return { columns, rows };
  }
}

/** Records that were rejected are passed over; a file whose first thousands are all so has no rows to show. */
const MOST_RECORDS_TRIED = 1_000;

/** The values that were given, or those of a sample. @throws Refusal `storyboard_sample_unknown` */
function valuesOf(
  { samples }: Storyboard,
  { values, sample }: z.output<typeof filmBodySchema>,
): Record<string, string | null> {
  if (values !== undefined) return values;
  if (sample === undefined) return samples[0]?.values ?? {};
  const named = samples.find(({ name }) => name === sample);
  if (named !== undefined) return named.values;
  const names = samples.map(({ name }) => name).join(", ");
  const advice = names === "" ? "It has none." : `It has: ${names}.`;
  throw new Refusal(400, "storyboard_sample_unknown", `The storyboard has no sample ${sample}. ${advice}`);
}

/** The same without `readonly`, which the contracts' types do not know. */
type Writable<T> = T extends readonly (infer Element)[]
  ? Writable<Element>[]
  : T extends object
    ? { -readonly [Key in keyof T]: Writable<T[Key]> }
    : T;
const writable = <T>(value: T) => value as Writable<T>;
