import { defineSubscriber } from "../../subscriber.ts";
import { openTable } from "./open-table.ts";
import { allRows, changedRows } from "./read-rows.ts";
import { sendRows } from "./send-rows.ts";
import { postgresSettingsSchema } from "./settings.ts";

/** A table of somebody else's PostgreSQL: rows are put by its key, and its own changes are found by a column that grows. */
export const postgres = defineSubscriber({
  name: "postgres",
  settings: postgresSettingsSchema,
  secrets: ["password"],
  open: openTable,
  batchSize: 500,
  pushMany: (changes, { opened }) => sendRows(opened, changes),
  pull: (cursor, { settings, opened }) => changedRows(opened, settings, cursor),
  list: (cursor, { settings, opened }) => allRows(opened, settings, cursor),
});
