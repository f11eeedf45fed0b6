const HOUR_MS = 3_600_000;

/** A session in which nothing was asked for this long is over. */
export const SESSION_IDLE_MS = 12 * HOUR_MS;

/** A session is over after this time, whatever is asked in it. */
export const SESSION_LONGEST_MS = 7 * 24 * HOUR_MS;

/** How long an invitation may be used. */
export const INVITATION_HOURS = 72;
