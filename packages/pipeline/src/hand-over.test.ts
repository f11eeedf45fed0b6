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
  expect(handedOver(profileOf(overrides), status, (kind) => there.includes(kind))).toEqual(expected);
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
