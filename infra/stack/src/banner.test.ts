import { expect, it } from "vitest";
import { renderBanner } from "./banner.ts";

const stack = {
  sftp: { host: "127.0.0.1", port: 2223 },
  ports: { "mail-gateway": 2525 },
  apiUrl: "http://127.0.0.1:8080",
  consoleUrl: "https://hub.example.com",
  landingUrl: "http://127.0.0.1:8081",
  mailboxUrl: undefined,
  smtpUrl: "smtps://user:secret@mail.example.org",
  stateFolder: "/srv/inlet",
  adminKeyFile: "/srv/inlet/admin-key",
  replacedPorts: [{ name: "sftp-gateway", preferred: 2222, chosen: 2223 }],
};
const render = (newAdminKey: string | undefined) =>
  renderBanner({ stack, elapsedMs: 1234, newAdminKey, colour: false });

it("the console comes first", () => {
  expect(render(undefined)).toMatch(/Inlet is up.*\n\n +Console +https:\/\/hub\.example\.com\n/);
});

it("the first start shows the admin key, a later one says where it is", () => {
  expect(render("inlet_abc")).toMatch(/Admin key +inlet_abc\n/);
  expect(render(undefined)).toMatch(/Admin key +in \/srv\/inlet\/admin-key\n/);
});

it("where files come in by e-mail is named while that service runs", () => {
  expect(render(undefined)).toMatch(/Files by e-mail +smtp:\/\/127\.0\.0\.1:2525\n/);
  const without = renderBanner({ stack: { ...stack, ports: {} }, elapsedMs: 1, newAdminKey: undefined, colour: false });
  expect(without).not.toContain("e-mail");
});

it("a port that was replaced is named with what it is for", () => {
  expect(render(undefined)).toContain("SFTP: port 2222 was taken, 2223 is used.");
});

it("the password of a mail server is not shown", () => {
  expect(render(undefined)).toContain("smtps://mail.example.org");
  expect(render(undefined)).not.toContain("secret");
});
