import { type ArtifactKind, type BatchStatus, type ProfileInput, profileSchema } from "@inlet/contracts";
import { expect, test } from "vitest";
import { fitsReply, handedOver } from "./hand-over.ts";

const profileOf = (overrides: Partial<ProfileInput>) =>
  profileSchema.parse({
    client: "acme",
    project: "spring",
    folders: { uploads: "/in", downloads: "/out" },
    tables: [{ name: "rows", files: ["*.csv"], columns: [{ name: "id" }] }],
    ...overrides,
  });
const errors = { to: "downloads", errors: true } as const;
const wrapped = { ...errors, wrap: { as: "pgp" } } as const;

test.each<[string, Partial<ProfileInput>, BatchStatus, ArtifactKind[], ArtifactKind[]]>([
  ["links alone", { links: {} }, "running", ["result", "errors"], ["result"]],
  ["links and errors", { links: {}, delivery: errors }, "running", ["result", "errors"], ["result", "errors"]],
  ["links, and no error was found", { links: {}, delivery: errors }, "running", ["result"], ["result"]],
  ["errors alone", { delivery: errors }, "running", ["errors"], ["errors"]],
  ["wrapped", { links: {}, delivery: wrapped }, "running", ["errors"], ["wrapped_result", "wrapped_errors"]],
  ["rejected", { links: {}, delivery: errors }, "rejected", ["result", "errors"], ["errors"]],
  ["rejected, no error files wanted", { links: {} }, "rejected", ["errors"], []],
  ["nothing to give", {}, "running", ["errors"], []],
])("%s", (_case, overrides, status, there, expected) => {
  const batch = { status, source: "gateway" };
  expect(handedOver(profileOf(overrides), batch, (kind) => there.includes(kind))).toEqual(expected);
});

test("what came by e-mail goes back as it came, wrapped, with the error file that was made for the reply", () => {
  const profile = profileOf({ links: {}, incoming: { pgp: "require" }, email: { senders: ["a@example.com"] } });
  const of = (source: string, status: BatchStatus, ...there: ArtifactKind[]) =>
    handedOver(profile, { status, source }, (kind) => there.includes(kind));
  expect(of("email", "running", "result", "errors", "wrapped_errors")).toEqual(["wrapped_result", "wrapped_errors"]);
  expect(of("email", "rejected", "errors", "wrapped_errors")).toEqual(["wrapped_errors"]);
  expect(of("email", "running", "result", "errors")).toEqual(["wrapped_result"]);
  expect(of("upload", "running", "result", "errors")).toEqual(["result"]);
});

test("a reply takes what came by e-mail, up to its size", () => {
  const profile = profileOf({
    incoming: { pgp: "require" },
    email: { senders: ["a@example.com"], replyBytes: 100_000 },
  });
  expect(fitsReply(profile, "email", [60_000, 40_000])).toBe(true);
  expect(fitsReply(profile, "email", [60_000, 40_001])).toBe(false);
  expect(fitsReply(profile, "gateway", [1])).toBe(false);
  expect(fitsReply(profileOf({}), "email", [1])).toBe(false);
});
