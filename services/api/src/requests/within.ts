import { Unavailable } from "@inlet/contracts";

/**
 * Gives up waiting after a time; the work itself goes on unheard.
 * @throws Unavailable `no_answer`
 */
export async function within<T>(timeoutMs: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const timedOut = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Unavailable({ code: "no_answer", message: `no answer within ${timeoutMs} ms` }));
    }, timeoutMs);
  });
  try {
    return await Promise.race([work, timedOut]);
  } finally {
    clearTimeout(timer);
    work.catch(() => {});
  }
}
