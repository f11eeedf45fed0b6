import { randomBytes } from "node:crypto";
import { Webhook } from "standardwebhooks";
import { expect, test } from "vitest";
import { verifyWebhook, webhookSecretBytes, webhookSignature } from "./webhook-signature.ts";

const secret = `whsec_${randomBytes(32).toString("base64")}`;
const old = `whsec_${randomBytes(24).toString("base64")}`;
const sentAt = new Date("2026-11-20T09:00:00Z");
const body = Buffer.from('{"name":"größe"}');

function request(by: string, { at = sentAt, receivedAt = sentAt } = {}) {
  const headers = {
    "webhook-id": "msg_1",
    "webhook-timestamp": String(at.getTime() / 1000),
    "webhook-signature": new Webhook(by).sign("msg_1", at, body.toString()),
  };
  return { headers, body, receivedAt };
}
const secrets = [secret, old].map(webhookSecretBytes);

test("what another library signs is taken, with any of our secrets, and nothing else", () => {
  expect(verifyWebhook(request(secret), secrets)).toBe("msg_1");
  expect(verifyWebhook(request(old), secrets)).toBe("msg_1");
  expect(() => verifyWebhook(request(old), secrets.slice(0, 1))).toThrow("signature");
  expect(() => verifyWebhook({ ...request(secret), body: Buffer.from("{}") }, secrets)).toThrow("signature");
  const other = request(secret);
  expect(() => verifyWebhook({ ...other, headers: { ...other.headers, "webhook-id": "msg_2" } }, secrets)).toThrow(
    expect.objectContaining({ code: "webhook_refused" }),
  );
  expect(() => verifyWebhook({ ...other, headers: {} }, secrets)).toThrow("webhook-id");
});

test("during a rotation one of several signatures is enough", () => {
  const [first, second] = secrets as [Buffer, Buffer];
  const sentAtSeconds = sentAt.getTime() / 1000;
  const signed = webhookSignature({ eventId: "msg_1", sentAtSeconds, body }, [randomBytes(32), second]);
  const { headers, ...rest } = request(secret);
  expect(verifyWebhook({ ...rest, headers: { ...headers, "webhook-signature": signed } }, [first, second])).toBe(
    "msg_1",
  );
});

test.each([-301, 301])("%i s apart is too far", (seconds) => {
  const receivedAt = new Date(sentAt.getTime() + seconds * 1000);
  expect(() => verifyWebhook(request(secret, { receivedAt }), secrets)).toThrow("five minutes");
  const near = new Date(sentAt.getTime() + (seconds - Math.sign(seconds)) * 1000);
  expect(verifyWebhook(request(secret, { receivedAt: near }), secrets)).toBe("msg_1");
});
