import type { FastifyRequest } from "fastify";

/** Whether a request asks for CSV: by its `format`, or by an `Accept` that names CSV before JSON. */
export function wantsCsv({
  query,
  headers,
}: Pick<FastifyRequest, "headers"> & { query: { format?: string | undefined } }): boolean {
  if (query.format !== undefined) return query.format === "csv";
  const ranges = (headers.accept ?? "").split(",").map((range) => {
    const [type, ...parameters] = range.split(";").map((part) => part.trim().toLowerCase());
    const weight = parameters.find((parameter) => parameter.startsWith("q="));
    return { type, weight: weight === undefined ? 1 : Number(weight.slice(2)) || 0 };
  });
  const weightOf = (type: string) => ranges.find((range) => range.type === type)?.weight ?? 0;
  return weightOf("text/csv") > 0 && weightOf("text/csv") >= weightOf("application/json");
}
