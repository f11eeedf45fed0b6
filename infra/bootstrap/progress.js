/** A problem that a person can solve: shown as it is, without a stack. */
export class SetUpError extends Error {}

const say = (line) => process.stderr.write(`inlet: ${line}\n`);

/**
 * Runs one slow part of the set-up and tells the person who waits what it is and how long it took.
 * Says nothing about time while it runs, but a sign of life every 15 seconds.
 * @template T
 * @param {string} what
 * @param {() => Promise<T>} work
 * @returns {Promise<T>}
 */
export async function step(what, work) {
  const startedAt = Date.now();
  const seconds = () => `${((Date.now() - startedAt) / 1000).toFixed(1)} s`;
  say(`${what} …`);
  const signOfLife = setInterval(() => say(`  still at it (${seconds()})`), 15_000);
  try {
    const result = await work();
    say(`  done in ${seconds()}`);
    return result;
  } finally {
    clearInterval(signOfLife);
  }
}

export { say };
