/** No questions, no banner, no progress. */
export const QUIET = ["-hide_banner", "-nostdin", "-nostats", "-loglevel", "error", "-y"] as const;

/** Before every input: it is a file of ours, and so is all that it names. */
export const FROM_FILES = ["-protocol_whitelist", "file,pipe"] as const;
