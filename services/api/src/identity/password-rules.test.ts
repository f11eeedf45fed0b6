import { expect, test } from "vitest";
import { passwordProblem } from "./password-rules.ts";

const user = { login: "data.team@spring.example", name: "Spring data" };

test.each([
  "password1234",
  "Passw0rd!Passw0rd!",
  "P@$$w0rd-2026!",
  "qwertyuiop123",
  "1q2w3e4r5t6y",
  "123456789012",
  "210987654321",
  "aaaaaaaaaaaaaa",
  "abababababab",
  "Welcome2Inlet!",
  "administrator1",
  "letmeinletmein",
  "November2026!!",
])("%s is tried first", (password) => {
  expect(passwordProblem(password, user)).toMatch(/tried first|too few different/);
});

test.each(["data.team@spring.example", "Data.Team-2026", "data-team-data-team"])(
  "%s is the login in other words",
  (password) => {
    expect(passwordProblem(password, user)).toMatch(/your own name or address/);
  },
);

test.each([
  "correct horse battery",
  "vK3-pQz8-rT1m",
  "839 201 847 562",
  "Grüne Ampel im Regen",
  "data of the moon and rivers",
])("%s is taken", (password) => {
  expect(passwordProblem(password, user)).toBe(undefined);
});
