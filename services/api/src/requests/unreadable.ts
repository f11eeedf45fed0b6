import { randomUUID } from "node:crypto";
import type { Socket } from "node:net";
import type { ProblemCode } from "@inlet/contracts";
import type { FastifyReply, FastifyRequest } from "fastify";
import { answerOf, PROBLEM_TYPE, problemBody } from "./errors.ts";
import { secure } from "./security-headers.ts";

/** What Node refuses before there is a request, by its code. */
const ANSWERS: Readonly<Record<string, [status: number, reason: string, code: ProblemCode, detail: string]>> = {
  HPE_HEADER_OVERFLOW: [431, "Request Header Fields Too Large", "headers_too_large", "The headers are too large."],
  ERR_HTTP_REQUEST_TIMEOUT: [408, "Request Timeout", "request_too_slow", "The request did not arrive in time."],
};

/** Answers bytes that are no request, and ends the connection. */
export function answerUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === "ECONNRESET" || socket.destroyed || !socket.writable) return;
  const [status, reason, code, detail] = ANSWERS[error.code ?? ""] ?? [
    ...([400, "Bad Request", "address_invalid"] as const),
    "This is no HTTP request.",
  ];
  const body = JSON.stringify(problemBody({ status, code, detail, requestId: randomUUID() }));
  const head = [
    `HTTP/1.1 ${status} ${reason}`,
    `content-type: ${PROBLEM_TYPE}`,
    `content-length: ${Buffer.byteLength(body)}`,
    "connection: close",
  ];
  socket.end(`${head.join("\r\n")}\r\n\r\n${body}`);
}

/** Answers an address that fastify cannot read, before there is a route and its hooks. */
export function answerMisdirected(error: Error, request: FastifyRequest, reply: FastifyReply): void {
  secure(request, reply);
  const { status, body } = answerOf(error, request.id);
  void reply.status(status).header("content-type", PROBLEM_TYPE).serializer(JSON.stringify).send(body);
}
