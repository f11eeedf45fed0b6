import { QueryClient } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, test, vi } from "vitest";

/** A window in which the console is open, and where it went. */
async function openWindow() {
  vi.resetModules();
  return await import("./session.ts");
}

const wentTo: string[] = [];
beforeEach(() => {
  wentTo.length = 0;
  const location = {
    pathname: "/batches/42",
    search: "?tab=log",
    assign: (to: string) => wentTo.push(to),
    reload: () => wentTo.push("reload"),
  };
  vi.stubGlobal("window", { location });
});
afterEach(() => {
  vi.unstubAllGlobals();
});

/** What somebody was answered. */
function givenAnswers(): QueryClient {
  const client = new QueryClient();
  client.setQueryData(["batch", 42], { fileName: "contacts.csv" });
  return client;
}

test("who has signed out leaves nothing behind, not in other windows either", async () => {
  const { leaveSession } = await openWindow();
  await openWindow();
  const client = givenAnswers();
  leaveSession(client);
  expect(client.getQueryData(["batch", 42])).toBe(undefined);
  expect(wentTo).toEqual(["/sign-in"]);
  await vi.waitFor(() => expect(wentTo).toEqual(["/sign-in", "reload"]), 30_000);
});

test("whose session is over signs in and goes on where that was noticed", async () => {
  const { forgetSession } = await openWindow();
  const client = givenAnswers();
  forgetSession(client);
  expect(client.getQueryData(["batch", 42])).toBe(undefined);
  expect(wentTo).toEqual(["/sign-in?next=%2Fbatches%2F42%3Ftab%3Dlog"]);
});
