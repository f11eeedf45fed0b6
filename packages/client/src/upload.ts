/** A file on its way to the API. */
export interface Upload {
  client: string;
  project: string;
  /** The name it has for the client; it decides the table. */
  name: string;
  /** Its bytes: a Blob (browser), or a stream of chunks. */
  body: Blob | AsyncIterable<Uint8Array>;
  /** Lets the API refuse a file that is too large before it is sent. */
  sizeBytes?: number | undefined;
  /** How many records it holds; another number fails it. */
  records?: number | undefined;
  /** Called with the bytes that were handed to the connection so far. */
  onProgress?: ((sentBytes: number) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** The body as fetch takes it, counted as it goes. */
export function countedBody({ body, onProgress }: Pick<Upload, "body" | "onProgress">): ReadableStream<Uint8Array> {
  const source = body instanceof Blob ? body.stream() : body;
  const iterator = (source as AsyncIterable<Uint8Array>)[Symbol.asyncIterator]();
  let sentBytes = 0;
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const { done, value } = await iterator.next();
        if (done) return controller.close();
        controller.enqueue(value);
        sentBytes += value.length;
        onProgress?.(sentBytes);
      },
      async cancel(reason) {
        await iterator.return?.(reason);
      },
    },
    { highWaterMark: 1 },
  );
}
