import pg from "pg";

/** With columns: on these alone. */
type Right = "SELECT" | "INSERT" | "UPDATE" | "DELETE" | `${"SELECT" | "INSERT" | "UPDATE"} (${string})`;

/** A role of PostgreSQL for one service: its name, and what it may do with which of Inlet's tables. */
interface ServiceRole {
  role: string;
  rights: Readonly<Record<string, readonly Right[]>>;
}

/**
 * The services that strangers talk to, and the least that each needs. What stands here is granted at every migration; a
 * role that is not there is passed over. All other services are the owner of the schema.
 */
export const SERVICE_ROLES = {
  "sftp-gateway": {
    role: "inlet_gateway",
    rights: {
      clients: ["SELECT"],
      projects: ["SELECT"],
      profiles: ["SELECT"],
      accounts: ["SELECT"],
      batches: ["SELECT"],
      arrivals: ["SELECT", "INSERT", "UPDATE"],
      uploads: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      login_scores: ["SELECT", "INSERT", "UPDATE", "DELETE"],
      // It asks whether a commit whose answer was lost stands.
      audit: ["INSERT", "SELECT (id, actor, detail)"],
    },
  },
  "mail-gateway": {
    role: "inlet_mail",
    rights: {
      clients: ["SELECT (id, slug)"],
      projects: ["SELECT"],
      profiles: ["SELECT"],
      // Which generation of its name a file is.
      arrivals: ["INSERT", "SELECT (id, project_id, account_id, source, path, generation)"],
      // What came before, and how often a sender was refused lately.
      mails: [
        "INSERT",
        "SELECT (id, project_id, identity, message_id, attachment_name, attachment_sha256, from_address, refusal_code, received_at)",
      ],
      // What it answers, once each.
      messages: ["INSERT", "SELECT (id, epoch, key)"],
      audit: ["INSERT"],
    },
  },
  landing: {
    role: "inlet_landing",
    rights: {
      clients: ["SELECT"],
      projects: ["SELECT"],
      profiles: ["SELECT"],
      batches: ["SELECT"],
      artifacts: ["SELECT"],
      deliveries: ["SELECT"],
      link_keys: ["SELECT"],
      revocations: ["SELECT"],
      // It asks for videos, and looks how far they are; who renders them it does not say.
      renderings: [
        "SELECT (id, batch_id, record_number, film_sha256, state, epoch, blob_key, size_bytes, sha256, error, finished_at, used_at)",
        "INSERT (batch_id, record_number, film_sha256, film)",
        "UPDATE (state, epoch, attempts, losses, film, not_before, ready_at, finished_at, error, used_at)",
      ],
      storyboards: ["SELECT (project_id, version, document, assets)"],
      assets: ["SELECT (id, client_id, project_id, state, sha256, media_type, size_bytes)"],
      // That a link of a rehearsed file was opened.
      rehearsal_views: ["INSERT"],
      // What happened to links; an event that is told twice is found by its key.
      link_events: ["INSERT", "SELECT"],
      link_tallies: ["INSERT", "SELECT", "UPDATE"],
      link_hours: ["INSERT", "SELECT", "UPDATE"],
      link_firsts: ["INSERT", "SELECT", "UPDATE"],
    },
  },
} as const satisfies Record<string, ServiceRole>;

/** A service with a role of its own. */
export type RestrictedService = keyof typeof SERVICE_ROLES;

/** Gives the service roles that are there their rights, and no others. Called by `migrate`, as the schema's owner. */
export async function grantServiceRights(client: pg.Client): Promise<void> {
  const roles: ServiceRole[] = Object.values(SERVICE_ROLES);
  const { rows } = await client.query<{ role: string }>(
    "SELECT rolname AS role FROM pg_roles WHERE rolname = ANY($1::text[])",
    [roles.map(({ role }) => role)],
  );
  const present = new Set(rows.map(({ role }) => role));
  for (const { role, rights } of roles.filter(({ role }) => present.has(role))) {
    const name = pg.escapeIdentifier(role);
    const grants = Object.entries(rights).map(
      ([table, kinds]) => `GRANT ${kinds.join(", ")} ON inlet.${pg.escapeIdentifier(table)} TO ${name}`,
    );
    const statements = [
      "BEGIN",
      `REVOKE ALL ON ALL TABLES IN SCHEMA inlet FROM ${name}`,
      `GRANT USAGE ON SCHEMA inlet TO ${name}`,
      ...grants,
      "COMMIT",
    ];
    await client.query(statements.join("; "));
  }
}

/**
 * Makes a service's role where it is missing, gives it a password, and resolves to the URL that the service logs in with.
 * Needs a login that may make roles; {@link migrate} gives the rights afterwards.
 */
export async function openServiceRole(
  databaseUrl: string,
  service: RestrictedService,
  password: string,
): Promise<string> {
  const { role } = SERVICE_ROLES[service];
  const [name, secret] = [pg.escapeIdentifier(role), pg.escapeLiteral(password)];
  const client = new pg.Client({ connectionString: databaseUrl, application_name: "inlet:roles" });
  await client.connect();
  try {
    const { rowCount } = await client.query("SELECT FROM pg_roles WHERE rolname = $1", [role]);
    await client.query(`${rowCount === 0 ? "CREATE" : "ALTER"} ROLE ${name} LOGIN PASSWORD ${secret}`);
  } finally {
    await client.end();
  }
  const url = new URL(databaseUrl);
  url.username = role;
  url.password = password;
  return url.href;
}
