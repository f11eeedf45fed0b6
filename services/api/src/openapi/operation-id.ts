/**
 * The name of an operation for generated clients, made of its method and its address, and so as stable as they are:
 * `GET /v1/batches` is `getBatches`, `GET /v1/batches/{id}` is `getBatch`, `POST /v1/batches/{id}/retry` is
 * `postBatchRetry`. Every part that is followed by a parameter is in the singular.
 */
export function operationId(method: string, path: string): string {
  const parts = path.split("/").filter((part) => part !== "" && part !== "v1");
  const words = parts.flatMap((part, index) => {
    if (part.startsWith("{")) return [];
    return [parts[index + 1]?.startsWith("{") ? singular(part) : part];
  });
  return (
    method +
    words
      .flatMap((word) => word.split(/[^A-Za-z0-9]+/))
      .map(capitalised)
      .join("")
  );
}

function singular(word: string): string {
  if (/(?:ch|sh|ss|x)es$/.test(word)) return word.slice(0, -2);
  if (word.endsWith("ies")) return `${word.slice(0, -3)}y`;
  return /[^s]s$/.test(word) ? word.slice(0, -1) : word;
}

const capitalised = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
