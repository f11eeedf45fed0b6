/**
 * Every code that the API answers in a problem, with its status and what it means: the catalogue that `/docs` and
 * `docs/api.md` show. Codes are stable; a new one is a new line here, in its group.
 */
export const PROBLEM_CODES = {
  // What any request may meet
  request_invalid: [400, "The query, the path, a header or the body has mistakes; `errors` names each"],
  json_invalid: [400, "The body is no JSON"],
  json_too_deep: [400, "The body's JSON is nested deeper than anything that is asked for"],
  json_key_repeated: [400, "An object in the body has the same key twice"],
  json_key_forbidden: [400, "An object in the body has a key such as `__proto__`"],
  address_invalid: [400, "The address cannot be read"],
  content_length_differs: [400, "The body is not as long as its header says"],
  cursor_invalid: [400, "The cursor is not the `next` of a page"],
  key_invalid: [401, "No API key or session, or one that is unknown, revoked or expired"],
  not_allowed: [403, "The caller's role does not allow this"],
  no_such_route: [404, "Nothing is at this address"],
  method_not_allowed: [405, "The address takes other methods; `Allow` names them"],
  request_too_slow: [408, "The request did not arrive in time"],
  body_too_large: [413, "The body is larger than any body may be"],
  address_too_long: [414, "A part of the address is too long"],
  media_type_unsupported: [415, "The body's content type is not read here"],
  headers_too_large: [431, "The headers are too large"],
  too_many_requests: [429, "More requests than the limit allows; `Retry-After` says when to go on"],
  internal: [500, "A fault of the hub's own; its log names it under the request id"],
  unavailable: [503, "A part that the hub needs is away, nothing was changed; see `Retry-After`"],
  disk_full: [507, "There is no room; nothing was kept"],
  // Writes that are sent again, and documents that two change at once
  idempotency_key_invalid: [400, "`Idempotency-Key` is not 1 to 255 visible ASCII characters"],
  idempotency_in_progress: [409, "The first request with this `Idempotency-Key` is still under way"],
  idempotency_answer_lost: [409, "The first request with this key was carried out, and its answer was lost"],
  idempotency_key_reused: [422, "This `Idempotency-Key` was used for another request"],
  precondition_failed: [412, "The document is not the one that `If-Match` names: somebody changed it meanwhile"],
  // Batches, runs, uploads
  batch_not_found: [404, "No such batch, or none that the caller may see"],
  batch_unknown: [404, "The batch is gone"],
  run_not_found: [404, "No such run, or none that the caller may see"],
  arrival_not_found: [404, "No such arrival, or none that the caller may see"],
  artifact_not_found: [404, "The batch has no such stored file"],
  not_retryable: [409, "The batch is in no state to be retried"],
  not_cancellable: [409, "The batch is in no state to be cancelled"],
  not_rerunnable: [409, "The batch's stored file cannot be received again"],
  rerun_under_way: [409, "The batch's stored file is being received again already"],
  overtaken: [409, "A newer file of the table is imported; a forced re-run puts older rows over its rows"],
  too_many_streams: [429, "The caller has as many live streams as one may have"],
  view_not_found: [404, "No such saved view, or none that the caller may change"],
  view_name_taken: [409, "The caller has a saved view of that name"],
  sent_again: [409, "The file was sent again and accepted; a forced retry imports it twice"],
  record_unknown: [409, "The batch has no record of that number"],
  digest_unknown: [400, "`Content-Digest` is no sha-256 of RFC 9530"],
  digest_differs: [400, "The bytes that arrived are not those of `Content-Digest`"],
  file_too_large: [413, "The file is larger than the hub takes"],
  // Projects
  client_not_found: [404, "No such client, or none that the caller may see"],
  project_not_found: [404, "No such project, or none that the caller may see"],
  profile_invalid: [400, "The profile has mistakes; `errors` names each"],
  folders_clash: [409, "The profile's folders clash with another project's"],
  table_changed: [409, "The profile does not fit the tables that hold rows already"],
  rehearsal_not_passed: [409, "The rehearsal has not passed yet; a reason makes the project live all the same"],
  reason_missing: [409, "This needs a reason"],
  // OpenPGP keys
  key_not_found: [404, "The project has no such OpenPGP key"],
  key_unreadable: [400, "This is no OpenPGP key"],
  key_unfit: [400, "The key is good neither for encryption nor for signatures"],
  key_private: [400, "A private key was sent where a public one belongs"],
  key_public: [400, "A public key was sent where a private one belongs"],
  key_revoked: [400, "The key was revoked by its owner"],
  key_expired: [400, "The key has expired"],
  pgp_key_unreadable: [400, "This is no OpenPGP key, or not a whole one"],
  pgp_key_several: [400, "There are several OpenPGP keys in this"],
  pgp_key_locked: [400, "The private key is locked, and no passphrase was given"],
  pgp_key_passphrase_wrong: [400, "The passphrase does not open the private key"],
  pgp_key_not_private: [400, "The key has no private part"],
  pgp_key_weak: [400, "The key is too weak to be used"],
  key_active: [409, "The key is in use"],
  key_of_other_owner: [409, "The key is stored as the other side's"],
  no_active_key: [409, "There is no key that could be rotated"],
  // Accounts and API keys
  account_invalid: [400, "The account has mistakes; `errors` names each"],
  account_not_found: [404, "No such account"],
  username_taken: [409, "There is an account of that name"],
  api_key_not_found: [404, "No such API key"],
  last_admin_key: [409, "The last admin key that does everything and does not expire stays"],
  api_key_expired: [401, "The API key has expired; an admin can move its expiry"],
  api_key_revoked: [409, "The API key is revoked for good"],
  // Signing in, and users
  session_over: [401, "Nobody is signed in: the session ended, or there was none"],
  no_session: [404, "An API key has no session"],
  foreign_page: [403, "The request came with a cookie and not from the console's own page"],
  sign_in_failed: [401, "The e-mail address or the password is wrong"],
  sign_in_locked: [429, "Too many failed attempts; `Retry-After` says when to go on"],
  too_many_sign_ins: [429, "Too many sign in at this moment; `Retry-After` says when to go on"],
  setup_done: [409, "There are users already"],
  invitation_over: [404, "The invitation was used, is over, or never was"],
  password_weak: [400, "The password is too easy to guess; `errors` says why"],
  no_password: [409, "The user signs in elsewhere and has no password here"],
  changed_meanwhile: [409, "Somebody changed the user while this was under way"],
  user_not_found: [404, "No such user"],
  user_invalid: [400, "The user's role and client do not fit together; `errors` says why"],
  user_disabled: [409, "The user is disabled"],
  login_taken: [409, "There is a user of that e-mail address"],
  last_admin: [409, "The last admin who can sign in stays"],
  no_oidc: [404, "Signing in elsewhere is not set up here"],
} as const satisfies Readonly<Record<string, readonly [status: number, meaning: string]>>;

/** A code of {@link PROBLEM_CODES}. */
export type ProblemCode = keyof typeof PROBLEM_CODES;

/** A code in words, as a problem's title: `batch_not_found` is “Batch not found”. */
export function problemTitle(code: string): string {
  const words = code.replaceAll("_", " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
