import type { Tone } from "../../parts/mark.tsx";

/** What can be done, as the filter offers it: one thing, or all of a kind. */
export const ACTIONS: readonly { group: string; items: readonly { value: string; label: string }[] }[] = [
  {
    group: "People",
    items: [
      { value: "sign-*", label: "Signing in and out" },
      { value: "user.*", label: "Users" },
      { value: "api-key.*", label: "API keys" },
    ],
  },
  {
    group: "Clients and projects",
    items: [
      { value: "profile.*", label: "Profiles" },
      { value: "project.*", label: "Rehearsals and going live" },
      { value: "account.*", label: "SFTP logins: set up" },
      { value: "pgp-key.*", label: "OpenPGP keys" },
      { value: "secret.*", label: "Secrets" },
      { value: "webhook.*", label: "Webhooks" },
    ],
  },
  {
    group: "Files",
    items: [
      { value: "login", label: "SFTP logins: used" },
      { value: "upload", label: "Uploads by SFTP" },
      { value: "file.*", label: "Uploads here" },
      { value: "draft.*", label: "Structural checks" },
      { value: "download", label: "Downloads by SFTP" },
      { value: "artifact.*", label: "Downloads here" },
      { value: "batch.*", label: "Batches: retry, cancel, run again" },
      { value: "links.*", label: "Links taken back" },
      { value: "run.*", label: "Runs started" },
      { value: "message.*", label: "Messages sent again" },
    ],
  },
];

const VERBS: Readonly<Record<string, string>> = {
  "account.add": "Added a login",
  "account.change": "Changed a login",
  "api-key.change": "Changed an API key",
  "api-key.create": "Made an API key",
  "api-key.revoke": "Revoked an API key",
  "api-key.rotate": "Rotated an API key",
  "artifact.download": "Downloaded a file",
  "asset.remove": "Removed an asset",
  "asset.upload": "Uploaded an asset",
  "batch.cancel": "Cancelled a batch",
  "batch.rerun": "Ran a file again",
  "batch.retry": "Retried a batch",
  "draft.begin": "Began a structural check",
  "draft.discard": "Discarded a file",
  "draft.submit": "Submitted a file",
  "file.upload": "Uploaded a file",
  "links.revoke": "Took links back",
  "message.retry": "Sent messages again",
  "pgp-key.delete": "Deleted an OpenPGP key",
  "pgp-key.expire": "Ended an OpenPGP key",
  "pgp-key.generate": "Made an OpenPGP key",
  "pgp-key.import": "Imported an OpenPGP key",
  "pgp-key.rotate": "Rotated an OpenPGP key",
  "pgp-key.withdraw": "Withdrew an OpenPGP key",
  "profile.apply": "Applied a profile",
  "project.live": "Took a project live",
  "project.rehearse": "Began a rehearsal",
  "recipient.forget": "Asked to forget a recipient",
  "recipient.forget-confirm": "Confirmed to forget a recipient",
  "recipient.forget-drop": "Dropped an order to forget a recipient",
  "recipient.forget-retry": "Tried again to forget a recipient",
  "run.start": "Started a run",
  "secret.set": "Set a secret",
  "sign-in": "Signed in",
  "sign-out": "Signed out",
  "storyboard.live": "Made a storyboard live",
  "storyboard.publish": "Published a storyboard",
  "storyboard.rows": "Looked at rows for a storyboard",
  "storyboard.take-off": "Took a storyboard off",
  "trial.begin": "Tried a profile on a file",
  "user.add": "Added a user",
  "user.bind": "Bound a user to another sign-in",
  "user.change": "Changed a user",
  "user.invite": "Invited a user",
  "user.password": "Changed a password",
  "user.remove": "Removed a user",
  "webhook.add": "Added a webhook",
  "webhook.change": "Changed a webhook",
  "webhook.ping": "Tested a webhook",
  "webhook.remove": "Removed a webhook",
  "webhook.resend": "Sent an event again",
  "webhook.rotate": "Rotated a webhook's secret",
  download: "Downloaded by SFTP",
  login: "Logged in by SFTP",
  rename: "Renamed by SFTP",
  upload: "Uploaded by SFTP",
};

/** What was done, in words; the code itself where there are none. */
export const actionText = (action: string): string => VERBS[action] ?? action;

/** The outcomes that the filter offers. */
export const OUTCOMES = [
  { value: "ok", label: "Done" },
  { value: "refused", label: "Refused" },
  { value: "failed", label: "Failed" },
];

const OUTCOME_MARKS: Readonly<Record<string, { tone: Tone; word: string }>> = {
  ok: { tone: "good", word: "Done" },
  refused: { tone: "warning", word: "Refused" },
  failed: { tone: "bad", word: "Failed" },
};

/** How it ended, as a sign and a word. */
export const outcomeOf = (outcome: string): { tone: Tone; word: string } =>
  OUTCOME_MARKS[outcome] ?? { tone: "still", word: outcome };
