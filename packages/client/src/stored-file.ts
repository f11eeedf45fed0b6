/** A file's bytes as the API hands them out, with its name. */
export interface StoredFile {
  name: string;
  /** NaN where the API does not say. */
  sizeBytes: number;
  body: ReadableStream<Uint8Array>;
}

/** A download's answer as a file. */
export function storedFileOf(response: Response, nameOtherwise: string): StoredFile {
  return {
    name: fileNameOf(response.headers.get("content-disposition")) ?? nameOtherwise,
    sizeBytes: Number(response.headers.get("content-length") ?? Number.NaN),
    body: response.body ?? new ReadableStream({ start: (controller) => controller.close() }),
  };
}

/** The whole name out of a Content-Disposition header (RFC 8187). */
export function fileNameOf(header: string | null): string | undefined {
  const encoded = /filename\*=UTF-8''([^;]+)/i.exec(header ?? "")?.[1];
  try {
    return encoded === undefined ? undefined : decodeURIComponent(encoded);
  } catch {
    return undefined;
  }
}
