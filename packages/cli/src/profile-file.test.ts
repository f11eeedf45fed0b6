import { expect, test } from "vitest";
import { readProfiles } from "./profile-file.ts";

const GOOD = `
client: spring
project: video
folders: { uploads: /video/Uploads }
tables:
  - name: contacts
    columns:
      - { name: id, type: integer }
`;

test("a profile is read with its defaults, from YAML, from JSON, and several from one file", () => {
  const yaml = readProfiles(GOOD, "a.yaml");
  expect(yaml.problems).toEqual([]);
  expect(yaml.profiles[0]!.profile).toMatchObject({ client: "spring", source: { kind: "gateway" } });
  const json = readProfiles(JSON.stringify(yaml.profiles[0]!.profile), "a.json");
  expect(json.profiles[0]!.profile).toEqual(yaml.profiles[0]!.profile);
  const both = readProfiles(`${GOOD}---${GOOD.replace("video\n", "mail\n")}`, "both.yaml");
  expect(both.profiles.map(({ profile }) => profile.project)).toEqual(["video", "mail"]);
});

test("every mistake is named with its place in the file", () => {
  const text = `client: Spring
folders: { uploads: Uploads }
colour: blue
tables:
  - name: contacts
    mode: merge
    columns:
      - { name: id, type: integr }
      - name: email
        requird: true
      - type: email
`;
  const { problems, profiles } = readProfiles(text, "p.yaml");
  expect(profiles).toEqual([]);
  const places = problems.map(({ line, column, path }) => `${line}:${column} ${path.join(".")}`).sort();
  expect(places).toEqual([
    "10:9 tables.0.columns.1.requird",
    "11:9 tables.0.columns.2.name",
    "1:1 client",
    "1:1 project",
    "2:12 folders.uploads",
    "3:1 colour",
    "6:5 tables.0.mode",
    "8:21 tables.0.columns.0.type",
  ]);
});

test("text that is no YAML is one mistake with its line", () => {
  const { problems } = readProfiles("client: spring\nproject: {video: [\n", "p.yaml");
  expect(problems.length).toBeGreaterThan(0);
  expect(problems[0]).toMatchObject({ file: "p.yaml", line: expect.any(Number) });
  expect(readProfiles("", "p.yaml").problems[0]!.message).toMatch(/empty/);
});

test("a problem that the hub finds is placed as well", () => {
  const [read] = readProfiles(GOOD, "p.yaml").profiles;
  expect(read!.place({ path: ["folders", "uploads"], message: "is taken" })).toMatchObject({ line: 4, column: 12 });
  expect(read!.place({ path: ["tables", 0, "columns", 0, "timezone"], message: "?" })).toMatchObject({ line: 8 });
});
