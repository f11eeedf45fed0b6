import { X509Certificate } from "node:crypto";
import { InvalidInput, type Problem, type Profile, type PullSource, type System } from "@inlet/contracts";
import { nextDue } from "@inlet/pipeline";

/** Headers that are made with each request. */
const OWN_HEADERS = ["host", "content-length", "transfer-encoding", "connection", "accept-encoding"];

/** What is wrong with a project's pulls, beyond what the schema sees: addresses, headers, certificates, times that never come. */
export function pullProblems({ source }: Profile, now = new Date()): Problem[] {
  if (source.kind !== "pull") return [];
  return [...systemProblems(source.system), ...scheduleProblems(source, now)].map(({ path, message }) => ({
    path: ["source", ...path],
    message,
  }));
}

/** The secrets that a system is known with. */
export function systemSecrets(system: System): string[] {
  if (system.connector !== "rest") return [system.secret];
  return system.auth.by === "none" ? [] : [system.auth.secret];
}

function systemProblems(system: System): Problem[] {
  const problems = [
    ...addressProblems(system.url, ["system", "url"]),
    ...certificateProblems(system.tls.ca, ["system", "tls", "ca"]),
  ];
  if (system.connector === "sap_business_one" && !/\/b1s\/v[12]\/?$/.test(new URL(system.url).pathname)) {
    problems.push({
      path: ["system", "url"],
      message: "ends in /b1s/v1 or /b1s/v2, as the Service Layer's addresses do",
    });
  }
  if (system.connector !== "rest") return problems;
  if (system.auth.by === "oauth2") {
    problems.push(...addressProblems(system.auth.tokenUrl, ["system", "auth", "tokenUrl"]));
  }
  for (const name of Object.keys(system.headers)) {
    if (OWN_HEADERS.includes(name.toLowerCase()))
      problems.push({ path: ["system", "headers", name], message: "is set with each request by itself" });
  }
  return problems;
}

function addressProblems(url: string, path: Problem["path"]): Problem[] {
  const { search, hash } = new URL(url);
  if (search !== "" || hash !== "") {
    return [{ path, message: "ends where its path ends: what follows a ? or # belongs to each pull" }];
  }
  return [];
}

function certificateProblems(ca: string | undefined, path: Problem["path"]): Problem[] {
  if (ca === undefined) return [];
  try {
    new X509Certificate(ca);
    return [];
  } catch {
    return [{ path, message: "cannot be read as a certificate in PEM" }];
  }
}

function scheduleProblems({ schedule }: PullSource, now: Date): Problem[] {
  if (schedule === undefined || !("at" in schedule)) return [];
  try {
    if (nextDue(schedule, now) !== null) return [];
    return [{ path: ["schedule", "at"], message: `${schedule.at} never comes: there is no such day` }];
  } catch (error) {
    if (error instanceof InvalidInput) return [{ path: ["schedule", "at"], message: error.message }];
    throw error;
  }
}
