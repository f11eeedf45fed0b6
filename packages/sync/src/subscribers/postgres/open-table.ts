import { AppError, jsonPathNames } from "@inlet/contracts";
import {
  connectForeign,
  type ForeignColumn,
  type ForeignDatabase,
  type ForeignTable,
  findForeignTable,
} from "@inlet/database";
import { needsPerson } from "../../failure.ts";
import type { SubscriberContext } from "../../subscriber.ts";
import { postgresFault } from "./fault.ts";
import type { PostgresSettings } from "./settings.ts";

const TIMEOUT_MS = 30_000;
/** Changes go out over one, pages come in over another, and a comparison may be under way. */
const MOST_CONNECTIONS = 4;

/** A table elsewhere that is connected to, and what of it a subscription works with. */
export interface OpenTable {
  database: ForeignDatabase;
  /** For messages. */
  where: string;
  table: ForeignTable;
  /** The columns that items have a field for. */
  columns: readonly ForeignColumn[];
  key: readonly ForeignColumn[];
  close(): Promise<void>;
}

/** @throws Misconfigured, Unavailable */
export async function openTable(context: SubscriberContext<PostgresSettings>): Promise<OpenTable> {
  const { settings } = context;
  const where = whereOf(settings);
  const database = await connect(context, where);
  try {
    const table = await findForeignTable(database, { schema: settings.schema, name: settings.table });
    if (table === undefined)
      throw needsPerson({
        message: `${where}: there is no table ${settings.schema}.${settings.table} that ${settings.user} may see.`,
      });
    return { database, where, table, ...columnsOf(table, context, where), close: () => database.close() };
  } catch (error) {
    await database.close();
    throw postgresFault(where, error);
  }
}

export const whereOf = ({ host, port, database }: PostgresSettings): string => `postgres://${host}:${port}/${database}`;

async function connect({ settings, secrets, network }: SubscriberContext<PostgresSettings>, where: string) {
  const { host, port, database, user, tls } = settings;
  const approach = { protocol: "postgres", isClearText: tls === false };
  try {
    const addresses = await network.addressesOf({ host, port }, approach);
    return await connectForeign(
      {
        ...{ host, port, database, user, password: secrets.password!, tls: tls === false ? null : tls },
        addresses: addresses.map(({ address }) => address),
      },
      { timeoutMs: TIMEOUT_MS, maxConnections: MOST_CONNECTIONS },
    );
  } catch (error) {
    if (error instanceof AppError && error.code === "remote_clear_text") throw inClearText(where);
    throw postgresFault(where, error);
  }
}

const inClearText = (where: string) =>
  needsPerson(
    {
      message: `${where} is not spoken to in clear text: what is sent could be read and changed on the way. Leave \`tls\` on; or, where the way there is safe by itself, have the platform's operator allow the address (REMOTE_ALLOW).`,
    },
    "remote_clear_text",
  );

function columnsOf(table: ForeignTable, { settings, fieldPaths }: SubscriberContext<PostgresSettings>, where: string) {
  const { key, inward } = settings;
  const byName = new Map(table.columns.map((column) => [column.name, column]));
  const names = fieldPaths.map((path) => jsonPathNames(path).join("."));
  const wanted = [...names, ...key, ...[inward?.changed, inward?.removed].flatMap((name) => name ?? [])];
  const missing = [...new Set(wanted)].filter((name) => !byName.has(name));
  const problems = [
    ...(missing.length > 0 ? [`it has no column ${missing.join(", ")}`] : []),
    ...key
      .filter((name) => !names.includes(name))
      .map((name) => `no field of the profile fills its key's column ${name}`),
  ];
  if (problems.length === 0)
    return { columns: names.map((name) => byName.get(name)!), key: key.map((name) => byName.get(name)!) };
  throw needsPerson(
    {
      message: `${where}, table ${settings.schema}.${settings.table}: ${problems.join("; ")}. Its columns are ${table.columns.map(({ name }) => name).join(", ")}.`,
    },
    "fields_invalid",
  );
}
