/** What the exit code of `inlet` says. Documented in `inlet help` and in the README. */
export const EXIT = {
  ok: 0,
  endedBadly: 1,
  usage: 2,
  unreachable: 3,
  notAllowed: 4,
  notFound: 5,
  partial: 6,
  conflict: 7,
  internal: 70,
  interrupted: 130,
} as const;

export const EXIT_CODES_HELP = `Exit codes:
  0    done; with send, retry --follow and status --follow: the batch completed; with pull: all was imported, or nothing
       was new; with rehearse: passed
  1    the batch ended badly: rejected, failed, duplicate, superseded or cancelled; with check: errors were found;
       with pull: one was stopped or not imported; with rehearse: not passed yet
  2    the command or a file given to it is wrong, and nothing was changed; with check also: a file cannot be read
  3    the hub cannot be reached, or cannot do it just now; try again later
  4    no API key, an unknown one, or one whose role does not allow this
  5    there is no such batch, project, pull, account, key or file
  6    the batch completed in part: some of its rows were rejected
  7    it cannot be done as things stand; the message says why
  70   a fault of Inlet's own
  130  interrupted by Ctrl-C; what was begun goes on in the hub`;
