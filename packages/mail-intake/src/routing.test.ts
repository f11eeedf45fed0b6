import { type ProfileInput, profileSchema } from "@inlet/contracts";
import type { EmailProject } from "@inlet/database";
import { describe, expect, test } from "vitest";
import type { MailAttachment } from "./mail.ts";
import { isSender, routeMail } from "./routing.ts";

let ids = 0;
function project(name: string, email: Partial<ProfileInput["email"]> = {}, files = ["{table}.csv"]): EmailProject {
  ids += 1;
  const profile = profileSchema.parse({
    client: "acme",
    project: name,
    folders: { uploads: "/Uploads" },
    incoming: { zip: { password: "zip", encryption: "require" } },
    email: { senders: ["data@client.example"], ...email },
    tables: [{ name, files, columns: [{ name: "id", type: "string" }] }],
  });
  return { projectId: ids, client: "acme", project: name, state: "live", profile: profile as EmailProject["profile"] };
}
const file = (name: string | null, head = "PK\x03\x04"): MailAttachment => ({
  name,
  contentType: "application/octet-stream",
  sizeBytes: 1000,
  sha256: Buffer.alloc(32),
  head: Buffer.from(head, "latin1"),
  location: `mail/${name}`,
});
const PGP = "-----BEGIN PGP MESSAGE-----\n\n";

function route(
  projects: EmailProject[],
  attachments: MailAttachment[],
  {
    sender = "data@client.example",
    recipients = ["files"],
    ...rest
  }: { sender?: string; recipients?: string[]; mailboxProject?: number } = {},
) {
  const found = routeMail(projects, { attachments, fault: null }, { sender, recipients, ...rest });
  return (
    found && {
      taken: found.taken.map(({ project, file }) => `${project.project}: ${file.name}`),
      refused: found.refused.map(({ reason }) => reason.code),
    }
  );
}

describe("who may", () => {
  test.each([
    [["data@client.example"], true],
    [["Data@Client.Example"], true],
    [["@client.example"], true],
    [["@CLIENT.example"], true],
    [["@example"], false],
    [["@sub.client.example"], false],
    [["xdata@client.example", "@lient.example"], false],
  ])("%j: %s", (senders, may) => {
    expect(isSender({ senders }, "data@client.example")).toBe(may);
  });

  test("a sender that no list has leads nowhere", () => {
    expect(route([project("a")], [file("a.zip")], { sender: "x@evil.example" })).toBeUndefined();
  });
});

describe("where to", () => {
  test("to the project of the address, for its own senders alone", () => {
    const spring = project("spring", { address: "spring" });
    const other = project("other");
    expect(route([spring, other], [file("x.zip")], { recipients: ["Spring@hub.example"] })?.taken).toEqual([
      "spring: x.zip",
    ]);
    const foreign = project("foreign", { address: "foreign", senders: ["x@foreign.example"] });
    expect(route([foreign, other], [file("other.zip")], { recipients: ["foreign@hub.example"] })).toBeUndefined();
  });

  test("by a shared address to the one project that knows the sender", () => {
    expect(route([project("a"), project("b", { senders: ["x@b.example"] })], [file("x.zip")])?.taken).toEqual([
      "a: x.zip",
    ]);
  });

  test("of several to the one whose table has the name, file by file", () => {
    const both = [project("a"), project("b")];
    expect(route(both, [file("b.zip"), file("a.csv.zip")])?.taken).toEqual(["b: b.zip", "a: a.csv.zip"]);
    expect(route(both, [file("a.zip"), file("x.zip")])).toEqual({ taken: [], refused: ["project_unclear"] });
    expect(route([project("a", {}, ["*"]), project("b", {}, ["*"])], [file("x.zip")])?.refused).toEqual([
      "project_unclear",
    ]);
  });

  test("a project with an address of its own steps back from a shared one", () => {
    const projects = [project("a", { address: "a" }, ["*"]), project("b", {}, ["*"])];
    expect(route(projects, [file("x.zip")])?.taken).toEqual(["b: x.zip"]);
    expect(route([projects[0]!], [file("x.zip")])?.taken).toEqual(["a: x.zip"]);
  });

  test("an answer knows whether the project is sure, and names an own address only where there is one", () => {
    const refusalOf = (projects: EmailProject[], attachments: MailAttachment[], recipients = ["files"]) =>
      routeMail(projects, { attachments, fault: null }, { sender: "data@client.example", recipients })?.refused[0];
    const shared = [project("a", {}, ["*"]), project("b", {}, ["*"])];
    const own = [project("a", { address: "a" }, ["*"]), project("b", { address: "b" }, ["*"])];
    const one = [project("a", { address: "both" }, ["*"]), project("b", { address: "both" }, ["*"])];
    expect(refusalOf(own, [file("x.zip")])?.reason.message).toContain("the project's own address, or under a name");
    for (const projects of [shared, one]) {
      expect(refusalOf(projects, [file("x.zip")])?.reason.message).toContain("Send it under a name");
    }
    expect(refusalOf(shared, [])?.projectUnclear).toBe(true);
    expect(refusalOf(own, [], ["a", "b"])?.projectUnclear).toBe(true);
    expect(refusalOf(own, [], ["a"])?.projectUnclear).toBe(false);
    expect(refusalOf(shared.slice(1), [])?.projectUnclear).toBe(false);
  });

  test("from a project's mailbox to that project", () => {
    const [a, b] = [project("a"), project("b")];
    expect(route([a, b], [file("b.zip")], { mailboxProject: a.projectId, recipients: [] })?.taken).toEqual([
      "a: b.zip",
    ]);
    expect(route([b], [file("b.zip")], { mailboxProject: a.projectId })).toBeUndefined();
  });

  test("two addresses of one project take a file once, those of two projects once each", () => {
    const [a, b] = [project("a", { address: "a" }), project("b", { address: "b" })];
    expect(
      route([a, b], [file("x.zip")], { recipients: ["a@hub.example", "A@hub.example", "b@hub.example"] })?.taken,
    ).toEqual(["a: x.zip", "b: x.zip"]);
  });
});

describe("which files", () => {
  const one = [project("a")];
  test("all that are wrapped, and none that a mail server put there", () => {
    expect(route(one, [file("ATT00001.txt", "disclaimer"), file("x.zip"), file("y.csv.asc", PGP)])?.taken).toEqual([
      "a: x.zip",
      "a: y.csv.asc",
    ]);
  });
  test.each([
    ["nothing attached", [], "no_attachment"],
    ["a plain file", [file("data.csv", "id,name\n")], "not_encrypted"],
    ["a plain file called a ZIP", [file("data.zip", "id,name\n")], "not_encrypted"],
    ["another archive", [file("data.7z", "7z\xbc\xaf\x27\x1c")], "not_encrypted"],
    ["a key", [file("key.asc", "-----BEGIN PGP PUBLIC KEY BLOCK-----\n")], "not_encrypted"],
    ["a file without a name", [file(null)], "attachment_unnamed"],
  ])("%s: %s", (_what, attachments, code) => {
    expect(route(one, attachments)).toEqual({ taken: [], refused: [code] });
  });
});
