import { projectPath, queryOf } from "../address.ts";
import type { Send } from "../transport.ts";
import { countedBody, type Upload } from "../upload.ts";

export const uploadCalls = (send: Send) => ({
  /** Streams a file, in bounded memory. */
  async upload(upload: Upload) {
    const { client, project, name, records, sizeBytes, signal } = upload;
    const size = upload.body instanceof Blob ? upload.body.size : sizeBytes;
    const response = await send.raw(`${projectPath(client, project)}/files${queryOf({ name, records })}`, {
      method: "POST",
      headers: {
        "content-type": "application/octet-stream",
        ...(size === undefined ? {} : { "content-length": String(size) }),
      },
      body: countedBody(upload),
      ...(signal ? { signal } : {}),
      timed: false,
    });
    return await send.read("uploadedSchema", response);
  },
  arrival: (id: number) => send("arrivalSchema", "GET", `/v1/arrivals/${id}`),
});
