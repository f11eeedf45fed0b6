import type {
  ArtifactKind,
  AssetKind,
  BatchStatus,
  ForgettingState,
  LinkEventKind,
  Mapping,
  Profile,
  StepKind,
  StepState,
  StoredAsset,
  Storyboard,
  Subscription,
  Visitor,
} from "@inlet/contracts";
import type { ColumnType, Generated, JSONColumnType } from "kysely";

/** A time column: read as a Date, written as a Date or ISO text. */
type Time = ColumnType<Date, Date | string | undefined, Date | string>;
type NullableTime = ColumnType<Date | null, Date | string | null | undefined, Date | string | null>;
type Json<T extends object> = JSONColumnType<T, string | undefined, string>;

export interface ClientsTable {
  id: Generated<number>;
  slug: string;
  created_at: Time;
}

export interface LinkKeysTable {
  id: Generated<number>;
  client_id: number;
  sealed: Buffer;
  created_at: Time;
}

export interface SecretsTable {
  client_id: number;
  name: string;
  sealed: Buffer;
  updated_at: Time;
}

export interface ProjectsTable {
  id: Generated<number>;
  client_id: number;
  slug: string;
  profile_version: number;
  state: Generated<"rehearsal" | "live">;
  live_at: NullableTime;
  rehearsal_at: NullableTime;
  rehearsal_after: Generated<number>;
  webhook_events: Generated<string[]>;
  /** The version that new links show; null: none. */
  live_storyboard: number | null;
  created_at: Time;
}

export interface ProfilesTable {
  project_id: number;
  version: number;
  document: JSONColumnType<Profile>;
  created_by: string;
  created_at: Time;
}

export interface AccountsTable {
  id: Generated<number>;
  client_id: number;
  username: string;
  jail: string;
  password_hash: string | null;
  public_keys: Generated<string[]>;
  cidrs: Generated<string[]>;
  projects: string[] | null;
  enabled: Generated<boolean>;
  created_at: Time;
}

export interface ApiKeysTable {
  id: Generated<number>;
  name: string;
  prefix: string;
  sha256: Buffer;
  role: "admin" | "operator" | "client" | "viewer";
  client_id: number | null;
  created_at: Time;
  last_used_at: NullableTime;
  revoked_at: NullableTime;
  expires_at: NullableTime;
  access: string[] | null;
  rotated_at: NullableTime;
  previous_sha256: Buffer | null;
  previous_until: NullableTime;
  last_used_from: string | null;
}

export interface UsersTable {
  id: Generated<number>;
  login: string;
  name: string;
  role: "admin" | "operator" | "client" | "viewer";
  client_id: number | null;
  enabled: Generated<boolean>;
  password_hash: string | null;
  oidc_issuer: string | null;
  oidc_subject: string | null;
  role_from_claim: Generated<boolean>;
  invitation_sha256: Buffer | null;
  invitation_until: NullableTime;
  created_at: Time;
  last_sign_in_at: NullableTime;
}

export interface SessionsTable {
  id: Generated<number>;
  user_id: number;
  sha256: Buffer;
  signed_in_by: "password" | "oidc";
  address: string;
  created_at: Time;
  seen_at: Time;
  ends_at: Time;
}

export interface AuditTable {
  id: Generated<number>;
  at: Time;
  actor: string;
  address: string | null;
  session: string | null;
  action: string;
  path: string | null;
  sha256: Buffer | null;
  outcome: string;
  detail: Json<Record<string, unknown>>;
}

export interface LoginScoresTable {
  address: string;
  score: number;
  counted_since: Time;
  bans: Generated<number>;
  banned_until: NullableTime;
}

export interface ArrivalsTable {
  id: Generated<number>;
  source: "gateway" | "sftp" | "upload" | "email" | "pull";
  project_id: number;
  account_id: number | null;
  path: string;
  file_name: string;
  generation: number;
  size_bytes: number;
  location: string;
  sha256: Buffer | null;
  declared_records: number | null;
  flag_name: string | null;
  flag: Buffer | null;
  table_name: string | null;
  history: Json<object[]> | null;
  mapping: Json<Mapping> | null;
  state: Generated<"arrived" | "claimed" | "batched" | "withdrawn" | "lost">;
  arrived_at: Time;
}

export interface UploadsTable {
  account_id: number;
  path: string;
  session: string;
  touched_at: Time;
}

export interface RemoteFilesTable {
  project_id: number;
  path: string;
  size_bytes: number;
  modified_ms: number;
  arrival_id: number | null;
  seen_at: Time;
}

export interface SourceLooksTable {
  project_id: number;
  next_look_at: Time;
  looked_at: NullableTime;
  succeeded_at: NullableTime;
  failures: Generated<number>;
  error_code: string | null;
  error_message: string | null;
}

export interface MailboxLooksTable extends SourceLooksTable {
  folder: string | null;
  uid_validity: number | null;
  done_uid: Generated<number>;
  begun_uid: number | null;
  attempts: Generated<number>;
  breaks: Generated<number>;
}

export interface RunsTable {
  id: Generated<number>;
  project_id: number;
  key: string;
  state: Generated<"open" | "reported">;
  revision: Generated<number>;
  settle_at: NullableTime;
  gather_until: NullableTime;
  deadline_at: NullableTime;
  overdue_at: NullableTime;
  open_pulls: Generated<number>;
  opened_at: Time;
  reported_at: NullableTime;
}

export interface SchedulesTable {
  project_id: number;
  profile_version: number;
  state: "rehearsal" | "live";
  next_due_at: NullableTime;
}

export interface TriggersTable {
  id: Generated<number>;
  project_id: number;
  due_at: Time;
  triggered_by: "schedule" | "person";
  actor: string | null;
  reason: string | null;
  profile_version: number;
  timezone: string;
  run_id: number | null;
  started_at: NullableTime;
  created_at: Time;
}

export interface RunFilesTable {
  batch_id: number;
  project_id: number;
  run_id: number;
  table_name: string | null;
  file_date: NullableTime;
  held: boolean;
  late_for: number | null;
}

export interface BatchesTable {
  id: Generated<number>;
  client_id: number;
  project_id: number;
  profile_version: number;
  table_name: string | null;
  run_id: number;
  arrival_id: number | null;
  account_id: number | null;
  source: string;
  file_name: string;
  size_bytes: number;
  sha256: Buffer;
  status: Generated<BatchStatus>;
  reason_code: string | null;
  reason_message: string | null;
  declared: number | null;
  mapping: Json<Mapping> | null;
  records: number | null;
  valid: number | null;
  rejected: number | null;
  staged: number | null;
  imported: number | null;
  links: number | null;
  withheld: number | null;
  issue_totals: Json<Record<string, number>>;
  link_key_id: number | null;
  links_expire_at: NullableTime;
  /** The one that its links keep, decided by its check; null: none was live then. */
  storyboard_version: number | null;
  forced_reason: string | null;
  corrects: number | null;
  original: number | null;
  /** A recipient in its files was forgotten: it is never run again. */
  forgotten_at: NullableTime;
  /** Its stored files are kept no longer. */
  files_deleted_at: NullableTime;
  folder_removed: Generated<boolean>;
  /** Where it stands in the order of arrival, where that is not its number. */
  place: Generated<number | null>;
  part_of: number | null;
  rerun_of: number | null;
  rehearsal: Generated<boolean>;
  received_at: Time;
  started_at: NullableTime;
  imported_at: NullableTime;
  ended_at: NullableTime;
}

export interface StepsTable {
  id: Generated<number>;
  batch_id: number;
  client_id: number;
  kind: StepKind;
  lane: "small" | "giant";
  state: Generated<StepState>;
  epoch: Generated<number>;
  attempts: Generated<number>;
  losses: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  result: JSONColumnType<Record<string, unknown>> | null;
  error: JSONColumnType<StoredError> | null;
  created_at: Time;
  ready_at: NullableTime;
  started_at: NullableTime;
  finished_at: NullableTime;
}

/** An error as it is kept with a step or a message. */
export interface StoredError {
  code: string;
  message: string;
  retryable: boolean;
}

export interface BatchEventsTable {
  id: Generated<number>;
  batch_id: number;
  at: Time;
  event: string;
  actor: string;
  detail: Json<Record<string, unknown>>;
}

export interface ArtifactsTable {
  batch_id: number;
  kind: ArtifactKind;
  blob_key: string;
  name: string;
  size_bytes: number;
  sha256: Buffer;
  created_at: Time;
}

export interface IssuesTable {
  batch_id: number;
  ordinal: number;
  line: number | null;
  record: number | null;
  byte_offset: number | null;
  column_name: string | null;
  code: string;
  message: string;
  value: string | null;
  severity: string;
  fix: string | null;
}

export interface DeliveriesTable {
  id: Generated<number>;
  batch_id: number;
  artifact: ArtifactKind;
  destination: string;
  path: string;
  size_bytes: number;
  sha256: Buffer;
  delivered_at: Time;
}

export interface MessagesTable {
  id: Generated<number>;
  key: string;
  kind: "email" | "webhook";
  project_id: number | null;
  run_id: number | null;
  batch_id: number | null;
  recipient: string;
  webhook_id: Generated<number | null>;
  payload: JSONColumnType<Record<string, unknown>>;
  state: Generated<"ready" | "running" | "sent" | "failed">;
  epoch: Generated<number>;
  attempts: Generated<number>;
  losses: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  response: string | null;
  error: JSONColumnType<StoredError> | null;
  created_at: Time;
  ready_at: Time;
  finished_at: NullableTime;
}

export interface RevocationsTable {
  batch_id: number;
  record: number | null;
  revoked_at: Time;
}

export interface PgpKeysTable {
  id: Generated<number>;
  project_id: number;
  owner: "ours" | "theirs";
  fingerprint: string;
  user_id: string;
  algorithm: string;
  public_key: string;
  sealed: Buffer | null;
  can_encrypt: boolean;
  can_sign: boolean;
  state: Generated<"active" | "retired">;
  created_at: Time;
  expires_at: NullableTime;
  added_at: Time;
  added_by: string;
  retired_at: NullableTime;
}

export interface RehearsalViewsTable {
  batch_id: number;
  viewed_at: Time;
}

export interface LinkEventsTable {
  batch_id: number;
  record: number;
  key: string;
  kind: LinkEventKind;
  visitor: Visitor;
  detail: string | null;
  at: Time;
}

export interface LinkTalliesTable {
  batch_id: number;
  record: number;
  thumbnails: Generated<number>;
  pages: Generated<number>;
  plays: Generated<number>;
  completions: Generated<number>;
  clicks: Generated<number>;
  videos: Generated<number>;
  seen_at: NullableTime;
  played_at: NullableTime;
  completed_at: NullableTime;
  clicked_at: NullableTime;
  last_at: Time;
}

export interface LinkHoursTable {
  batch_id: number;
  hour: Time;
  kind: LinkEventKind;
  visitor: Visitor;
  times: number;
}

export interface LinkFirstsTable {
  batch_id: number;
  quarter: Time;
  seen: number;
  played: number;
  completed: number;
  clicked: number;
}

export interface MailsTable {
  id: Generated<number>;
  project_id: number;
  identity: Buffer;
  attachment_name: string | null;
  attachment_sha256: Buffer | null;
  arrival_id: number | null;
  via: "smtp" | "imap";
  from_address: string;
  to_address: string | null;
  subject: string;
  message_id: string | null;
  refusal_code: string | null;
  received_at: Time;
}

export interface WebhooksTable {
  id: Generated<number>;
  client_id: number;
  project_id: number | null;
  url: string;
  description: string;
  events: string[];
  enabled: boolean;
  disabled_reason: string | null;
  failing_since: NullableTime;
  last_attempt_at: NullableTime;
  last_success_at: NullableTime;
  created_at: Time;
}

export interface WebhookSecretsTable {
  id: Generated<number>;
  webhook_id: number;
  sealed: Buffer;
  hint: string;
  created_at: Time;
  expires_at: NullableTime;
}

export interface WebhookAttemptsTable {
  id: Generated<number>;
  webhook_id: number;
  message_id: number;
  at: Time;
  duration_ms: number;
  status: number | null;
  error: JSONColumnType<StoredError> | null;
  answer: string;
}

export interface SavedViewsTable {
  id: Generated<number>;
  owner: string;
  owner_name: string;
  client_id: number | null;
  name: string;
  filters: string;
  shared: boolean;
  created_at: Time;
  updated_at: Time;
}

export interface IdempotencyKeysTable {
  caller: string;
  key: string;
  fingerprint: Buffer;
  attempt: string;
  attempt_until: Time;
  applied: Generated<boolean>;
  status: number | null;
  headers: JSONColumnType<Record<string, string>> | null;
  answer: Buffer | null;
  created_at: Time;
}

export interface RenderingsTable {
  id: Generated<number>;
  batch_id: number;
  record_number: number;
  film_sha256: Buffer;
  film: JSONColumnType<object> | null;
  state: Generated<"due" | "running" | "done" | "failed">;
  epoch: Generated<number>;
  attempts: Generated<number>;
  losses: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  blob_key: string | null;
  size_bytes: number | null;
  sha256: Buffer | null;
  error: JSONColumnType<StoredError> | null;
  created_at: Time;
  ready_at: Time;
  finished_at: NullableTime;
  used_at: Time;
}

export interface PullSchedulesTable {
  project_id: number;
  profile_version: number;
  state: "rehearsal" | "live";
  next_due_at: NullableTime;
}

export interface PullsTable {
  id: Generated<number>;
  client_id: number;
  project_id: number;
  profile_version: number;
  table_name: string;
  purpose: "import" | "probe";
  rehearsal: boolean;
  in_full: boolean;
  monitored: boolean;
  triggered_by: "schedule" | "person";
  due_at: NullableTime;
  actor: string | null;
  reason: string | null;
  run_id: number | null;
  settled: Generated<boolean>;
  system_key: string;
  state: Generated<"due" | "running" | "received" | "unchanged" | "stopped" | "cancelled">;
  epoch: Generated<number>;
  attempts: Generated<number>;
  failures: Generated<number>;
  losses: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  asks: string | null;
  cursor_from: string | null;
  cursor_to: string | null;
  position: JSONColumnType<Record<string, string | number | boolean | null>> | null;
  spool: string | null;
  spool_bytes: Generated<number>;
  pages: Generated<number>;
  expected: number | null;
  received: Generated<number>;
  duplicates: Generated<number>;
  duplicate_samples: Json<object[]>;
  rounds: Generated<number>;
  failed_page: number | null;
  arrival_id: number | null;
  error: JSONColumnType<StoredError> | null;
  result: JSONColumnType<object> | null;
  created_at: Time;
  ready_at: Time;
  started_at: NullableTime;
  finished_at: NullableTime;
}

export interface PullSystemsTable {
  system_key: string;
  failures: number;
  open_until: NullableTime;
  error: JSONColumnType<StoredError> | null;
  failed_at: Time;
}

export interface CatalogsTable {
  id: Generated<number>;
  project_id: number;
  table_name: string;
  state: Generated<"live" | "left">;
  version_floor: Generated<number>;
  created_at: Time;
}

export interface CatalogChangesTable {
  id: Generated<number>;
  seq: number | null;
  catalog_id: number;
  key: string;
  version: number;
  operation: "put" | "remove";
  origin: string;
  cause: string | null;
  values: Json<Record<string, string | null>>;
  changed: string[];
  hash: Buffer;
  changed_at: Time;
  at: Time;
}

export interface CatalogSequenceTable {
  one: Generated<boolean>;
  last: number;
}

export interface CatalogLossesTable {
  id: Generated<number>;
  catalog_id: number;
  key: string;
  version: number;
  field: string | null;
  value: string | null;
  origin: string;
  cause: string | null;
  changed_at: Time;
  kept: string | null;
  kept_origin: string | null;
  rule: "newest" | "source" | "function";
  at: Time;
}

/** What of a subscription matters most: see the migration for which comes before which. */
export type SubscriptionState = "active" | "backfilling" | "paused" | "failing" | "misconfigured" | "ended";

export interface SubscriptionsTable {
  id: Generated<number>;
  catalog_id: number;
  project_id: number;
  name: string;
  use: string;
  definition: JSONColumnType<Subscription>;
  revision: Generated<number>;
  cursor: Generated<number>;
  backfill_until: number | null;
  backfill_phase: Generated<"items" | "orphans">;
  backfill_key: string | null;
  backfill_done: Generated<number>;
  backfill_total: number | null;
  backfill_forced: Generated<boolean>;
  replay_until: number | null;
  round: Generated<number>;
  wants_backfill: "changed" | "all" | null;
  wants_replay_since: NullableTime;
  paused_at: NullableTime;
  paused_by: string | null;
  ended_at: NullableTime;
  misconfigured: JSONColumnType<StoredError> | null;
  failing_since: NullableTime;
  failures: Generated<number>;
  not_before: Time;
  last_error: JSONColumnType<StoredError> | null;
  last_error_at: NullableTime;
  last_success_at: NullableTime;
  told_at: NullableTime;
  pushed: Generated<number>;
  skipped: Generated<number>;
  worker: string | null;
  epoch: Generated<number>;
  lease_until: NullableTime;
  created_at: Time;
  state: ColumnType<SubscriptionState, never, never>;
}

export interface SyncLinksTable {
  subscription_id: number;
  key: string;
  outside_id: string | null;
  outside_version: string | null;
  hash: string | null;
  recent_hashes: Generated<string[]>;
  recent_at: Generated<Date[]>;
  changed_at: Time;
}

export interface SyncLettersTable {
  id: Generated<number>;
  subscription_id: number;
  direction: "out" | "in";
  state: "retrying" | "dead" | "dismissed";
  key: string | null;
  from_seq: number | null;
  forced: Generated<boolean>;
  revision: Generated<number>;
  attempts: Generated<number>;
  not_before: Time;
  error: JSONColumnType<StoredError> | null;
  findings: JSONColumnType<object> | null;
  body: JSONColumnType<object> | null;
  created_at: Time;
  changed_at: Time;
  dismissed_by: string | null;
  dismiss_reason: string | null;
}

export interface InwardEventsTable {
  id: Generated<number>;
  subscription_id: number;
  event_id: string;
  received_at: Time;
  state: "waiting" | "done" | "failed";
  body: Buffer | null;
  items: number;
  attempts: Generated<number>;
  not_before: Time;
  error: JSONColumnType<StoredError> | null;
  changed: number | null;
  unchanged: number | null;
  refused: number | null;
  ended_at: NullableTime;
}

export interface InwardStatesTable {
  subscription_id: number;
  cursor: string | null;
  first_done_at: NullableTime;
  has_more: Generated<boolean>;
  poll_at: Time;
  last_poll_at: NullableTime;
  failures: Generated<number>;
  error: JSONColumnType<StoredError> | null;
  error_at: NullableTime;
  worker: string | null;
  epoch: Generated<number>;
  lease_until: NullableTime;
  changed: Generated<number>;
  unchanged: Generated<number>;
  refused: Generated<number>;
  last_item_at: NullableTime;
  turned_away: Generated<number>;
  turned_away_at: NullableTime;
  turned_away_reason: string | null;
}

export interface InwardAnswersTable {
  subscription_id: number;
  key: string;
  said: string | null;
  answers: Generated<number>;
  since: Time;
}

export interface ReconciliationsTable {
  id: Generated<number>;
  subscription_id: number;
  due_at: NullableTime;
  actor: string | null;
  mend: boolean;
  state: "due" | "running" | "done" | "failed" | "skipped";
  attempts: Generated<number>;
  not_before: Time;
  worker: string | null;
  epoch: Generated<number>;
  lease_until: NullableTime;
  created_at: Time;
  started_at: NullableTime;
  ended_at: NullableTime;
  result: JSONColumnType<object> | null;
  error: JSONColumnType<StoredError> | null;
}

export interface ReconciliationKeysTable {
  reconciliation_id: number;
  epoch: number;
  key: string;
}

export interface StoryboardsTable {
  project_id: number;
  version: number;
  document: JSONColumnType<Storyboard>;
  assets: JSONColumnType<StoredAsset[]>;
  note: string | null;
  created_by: string;
  created_at: Time;
}

export interface StoryboardDraftsTable {
  project_id: number;
  document: JSONColumnType<object>;
  revision: number;
  updated_by: string;
  updated_at: Time;
}

export interface AssetsTable {
  id: Generated<number>;
  client_id: number;
  project_id: number;
  name: string;
  state: Generated<"processing" | "ready" | "refused">;
  upload_key: string | null;
  upload_bytes: number;
  upload_sha256: Buffer;
  upload_type: string | null;
  upload_name: string;
  kind: AssetKind | null;
  sha256: Buffer | null;
  media_type: StoredAsset["mediaType"] | null;
  size_bytes: number | null;
  width: number | null;
  height: number | null;
  duration_ms: number | null;
  refusal: JSONColumnType<{ code: string; message: string }> | null;
  epoch: Generated<number>;
  attempts: Generated<number>;
  losses: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  error: JSONColumnType<StoredError> | null;
  created_by: string;
  created_at: Time;
  ended_at: NullableTime;
  replaced_at: NullableTime;
}

export interface RetentionSweepsTable {
  project_id: number;
  swept_to: number;
}

export interface ForgettingsTable {
  id: Generated<number>;
  project_id: number;
  batch_id: number | null;
  record: number | null;
  column_name: string | null;
  value: string | null;
  preview: boolean;
  reason: string | null;
  actor: string;
  state: ForgettingState;
  searched_to: Generated<number>;
  search_until: number;
  unsearched: Generated<number[]>;
  waits_for: number | null;
  table_rows: Generated<number>;
  tables_done: Generated<boolean>;
  epoch: Generated<number>;
  attempts: Generated<number>;
  not_before: Time;
  lease_until: NullableTime;
  worker: string | null;
  error: JSONColumnType<StoredError> | null;
  created_at: Time;
  found_at: NullableTime;
  finished_at: NullableTime;
}

export interface ForgettingBatchesTable {
  forgetting_id: number;
  batch_id: number;
  phase: Generated<"found" | "rows" | "done">;
}

export interface ForgottenRecordsTable {
  forgetting_id: number;
  batch_id: number;
  record: number;
}

/** Inlet's own tables, in the PostgreSQL schema `inlet`. The numbered migrations are their definition. */
export interface Schema {
  clients: ClientsTable;
  link_keys: LinkKeysTable;
  secrets: SecretsTable;
  projects: ProjectsTable;
  profiles: ProfilesTable;
  accounts: AccountsTable;
  api_keys: ApiKeysTable;
  users: UsersTable;
  sessions: SessionsTable;
  audit: AuditTable;
  login_scores: LoginScoresTable;
  arrivals: ArrivalsTable;
  uploads: UploadsTable;
  remote_files: RemoteFilesTable;
  source_looks: SourceLooksTable;
  mailbox_looks: MailboxLooksTable;
  runs: RunsTable;
  schedules: SchedulesTable;
  triggers: TriggersTable;
  run_files: RunFilesTable;
  batches: BatchesTable;
  steps: StepsTable;
  batch_events: BatchEventsTable;
  artifacts: ArtifactsTable;
  issues: IssuesTable;
  deliveries: DeliveriesTable;
  messages: MessagesTable;
  revocations: RevocationsTable;
  rehearsal_views: RehearsalViewsTable;
  link_events: LinkEventsTable;
  link_tallies: LinkTalliesTable;
  link_hours: LinkHoursTable;
  link_firsts: LinkFirstsTable;
  pgp_keys: PgpKeysTable;
  mails: MailsTable;
  saved_views: SavedViewsTable;
  idempotency_keys: IdempotencyKeysTable;
  webhooks: WebhooksTable;
  webhook_secrets: WebhookSecretsTable;
  webhook_attempts: WebhookAttemptsTable;
  pull_schedules: PullSchedulesTable;
  pulls: PullsTable;
  renderings: RenderingsTable;
  pull_systems: PullSystemsTable;
  catalogs: CatalogsTable;
  catalog_changes: CatalogChangesTable;
  catalog_sequence: CatalogSequenceTable;
  catalog_losses: CatalogLossesTable;
  subscriptions: SubscriptionsTable;
  sync_links: SyncLinksTable;
  sync_letters: SyncLettersTable;
  inward_events: InwardEventsTable;
  inward_states: InwardStatesTable;
  inward_answers: InwardAnswersTable;
  reconciliations: ReconciliationsTable;
  reconciliation_keys: ReconciliationKeysTable;
  storyboards: StoryboardsTable;
  storyboard_drafts: StoryboardDraftsTable;
  assets: AssetsTable;
  retention_sweeps: RetentionSweepsTable;
  forgettings: ForgettingsTable;
  forgetting_batches: ForgettingBatchesTable;
  forgotten_records: ForgottenRecordsTable;
}
