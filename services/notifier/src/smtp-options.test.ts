import { expect, test } from "vitest";
import { smtpOptions } from "./smtp-options.ts";

const tlsOf = (url: string) => {
  const { secure, requireTLS, ignoreTLS, tls } = smtpOptions(url, 1);
  return { secure, requireTLS, ignoreTLS, verified: tls?.rejectUnauthorized };
};

test.each([
  // A password to another machine never goes in the clear, nor to an impostor.
  ["smtp://me:secret@mail.example.com", { secure: false, requireTLS: true, ignoreTLS: false, verified: true }],
  ["smtps://me:secret@mail.example.com", { secure: true, requireTLS: false, ignoreTLS: false, verified: true }],
  ["smtps://mail.example.com", { secure: true, requireTLS: false, ignoreTLS: false, verified: true }],
  // Without one, any encryption is better than none.
  ["smtp://relay.example.com:25", { secure: false, requireTLS: false, ignoreTLS: false, verified: false }],
  ["smtp://me:secret@127.0.0.1:1025", { secure: false, requireTLS: false, ignoreTLS: false, verified: false }],
  // As told.
  ["smtp://relay.example.com?tls=required", { secure: false, requireTLS: true, ignoreTLS: false, verified: true }],
  ["smtp://me:secret@mail.example.com?tls=off", { secure: false, requireTLS: false, ignoreTLS: true, verified: false }],
])("%s", (url, expected) => {
  expect(tlsOf(url)).toEqual(expected);
});

test("ports, names and passwords are read from the URL", () => {
  expect(smtpOptions("smtp://a%40b:p%2Fw@mail.example.com", 3)).toMatchObject({
    host: "mail.example.com",
    port: 587,
    auth: { user: "a@b", pass: "p/w" },
    maxConnections: 3,
  });
  expect(smtpOptions("smtps://mail.example.com", 1).port).toBe(465);
  expect(smtpOptions("smtp://[::1]:2525", 1)).toMatchObject({ host: "::1", port: 2525 });
});

test.each([
  ["http://mail.example.com", /smtp:\/\/ or smtps:/],
  ["smtp://mail.example.com?requireTLS=true", /knows no setting "requireTLS"/],
  ["smtp://mail.example.com?tls=maybe", /tls=maybe/],
  ["smtps://mail.example.com?tls=off", /at once/],
])("%s is refused", (url, message) => {
  expect(() => smtpOptions(url, 1)).toThrow(message);
});
