import type { SFTPWrapper } from "ssh2";

/** What of ssh2's SFTP stream is not in its types. */
interface StreamInside {
  outgoing: { id: number; window: number; state: string };
  _buffer: unknown[];
  _protocol: { exitStatus(channel: number, status: number): void };
}

const inside = (stream: SFTPWrapper): StreamInside => stream as unknown as StreamInside;

/**
 * Ends the server's side after the client ended its own. Without the exit status and the end, OpenSSH's `sftp` waits for
 * ever after an upload.
 */
export function endChannel(stream: SFTPWrapper): void {
  const { outgoing, _protocol } = inside(stream);
  if (outgoing.state === "open") _protocol.exitStatus(outgoing.id, 0);
  stream.end();
}

/** Answers that wait because the client's window is full. ssh2 keeps them without bound. */
export const waitingAnswers = (stream: SFTPWrapper): number => inside(stream)._buffer.length;
