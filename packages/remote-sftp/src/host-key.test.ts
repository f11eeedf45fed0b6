import { expect, test } from "vitest";
import { readHostKey } from "./host-key.ts";

test("a host key's fingerprint is the one that ssh-keygen prints", () => {
  // ssh-keygen -lf on: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl (GitHub's)
  const key = Buffer.from("AAAAC3NzaC1lZDI1NTE5AAAAIOMqqnkVzrm0SdG6UOoqKLsabgH5C9okWi0dh2l9GKJl", "base64");
  expect(readHostKey(key)).toEqual({
    type: "ssh-ed25519",
    fingerprint: "SHA256:+DiY3wvvV6TuJJhbpZisF/zLDA0zPMSvHdkr4UvCOqU",
  });
});

test("a damaged key is no key of any type", () => {
  expect(readHostKey(Buffer.alloc(2)).type).toBe("");
});
