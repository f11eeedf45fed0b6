import { describe, expect, test } from "vitest";
import { openHosts, ownAddress } from "./hosts.ts";

const HUB = "https://go.example.org/links";
const own = ownAddress("https://Video.example.org");

describe("where a link opens", () => {
  test.each([
    ["at the hub's address", "go.example.org", undefined, HUB],
    ["in capitals, with the usual port and the root's dot", "GO.Example.org.:443", undefined, HUB],
    ["at the hub's address, also with an own one", "go.example.org", own, HUB],
    ["at the project's own address", "video.example.org", own, "https://video.example.org"],
    ["not at another project's", "other.example.org", own, undefined],
    ["not at an own address that it does not have", "video.example.org", undefined, undefined],
    ["not at another port", "go.example.org:8081", undefined, undefined],
    ["not without a host", "", undefined, undefined],
  ])("%s", (_, host, address, expected) => {
    expect(openHosts(HUB).addressAt(host, address)).toBe(expected);
  });

  test("further hosts open all, and a star means any", () => {
    expect(openHosts(HUB, ["Old.example.org"]).addressAt("old.example.org", own)).toBe(HUB);
    expect(openHosts(HUB, ["*"]).addressAt("whatever:81", undefined)).toBe(HUB);
    expect(openHosts(HUB, ["*"]).addressAt("video.example.org", own)).toBe("https://video.example.org");
  });
});
