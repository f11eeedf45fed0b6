import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { ROOT } from "../../bootstrap/pinned.js";
import { debianTool } from "./debian-tools.ts";
import { definitionOf, SERVICE_NAMES, serviceEnv } from "./services.ts";

type ComposeService = {
  command: string[] | null;
  environment?: Record<string, string>;
  ports?: unknown[];
  container_name?: string;
  user?: string;
  healthcheck?: { test?: string[]; disable?: boolean };
  depends_on?: Record<string, { condition: string }>;
  volumes?: { type: string; target: string; read_only?: boolean }[];
};

const secrets = {
  INLET_KEY: Buffer.alloc(32).toString("base64"),
  POSTGRES_PASSWORD: "p",
  HUB_PASSWORD: "h",
  GATEWAY_PASSWORD: "g",
  MAIL_PASSWORD: "m",
  LANDING_PASSWORD: "l",
  REDIS_PASSWORD: "r",
};
const compose = await debianTool("docker-compose");

/** The file as Compose understands it: it ends with an error when the file breaks the schema. */
async function readCompose(env: Record<string, string>): Promise<Record<string, ComposeService>> {
  const args = ["-f", "docker-compose.yml", "--env-file", "/dev/null", "config", "--format", "json"];
  const { stdout } = await promisify(execFile)(compose?.command ?? "", args, {
    cwd: ROOT,
    env: { ...compose?.env, ...env },
  });
  return JSON.parse(stdout).services;
}

it.skipIf(!compose)("Compose accepts docker-compose.yml, and refuses it without its secrets", async () => {
  await expect(readCompose({ ...secrets, INLET_KEY: "" })).rejects.toThrow("INLET_KEY");
  const services = await readCompose(secrets);
  expect(Object.keys(services).sort()).toEqual([...SERVICE_NAMES, "postgres", "redis", "mailpit", "migrate"].sort());
});

it.skipIf(!compose)("in containers each service is told the same things as on the local stack", async () => {
  const services = await readCompose(secrets);
  const facts = {
    host: "",
    databaseUrl: "",
    redisUrl: "",
    dataFolder: "",
    key: "",
    smtpUrl: "",
    mailFrom: "",
    landingUrl: "",
    inwardUrl: "",
    consoleUrl: "",
    sftp: { port: 0 },
    adminKeyFile: "",
  };
  for (const name of SERVICE_NAMES) {
    const service = services[name];
    expect(service?.command).toEqual([`services/${name}/src/main.ts`]);
    const port = definitionOf(name).port;
    const wanted = [...Object.keys(serviceEnv(name, facts)), "HEALTH_PORT", ...(port ? [port.variable] : [])];
    expect(Object.keys(service?.environment ?? {}).sort(), name).toEqual(wanted.sort());
    expect(service?.depends_on, name).toMatchObject({
      migrate: { condition: "service_completed_successfully" },
      redis: { condition: "service_healthy" },
    });
    // A published port or a fixed name would stand in the way of --scale.
    expect(service?.ports?.length ?? 0, name).toBe(port ? 1 : 0);
    expect(service?.container_name, name).toBeUndefined();
  }
});

it.skipIf(!compose)(
  "the key is with those that open sealed things, and who only reads files changes none",
  async () => {
    const services = Object.entries(await readCompose(secrets));
    const withKey = services
      .filter(([, { environment }]) => environment?.INLET_KEY !== undefined)
      .map(([name]) => name);
    expect(withKey.sort()).toEqual([
      "api",
      "courier",
      "landing",
      "notifier",
      "puller",
      "purl-generator",
      "syncer",
      "validator",
      "watcher",
    ]);
    const readers = services.filter(([, { volumes }]) => volumes?.some((volume) => volume.read_only));
    expect(readers.map(([name]) => name).sort()).toEqual(["landing", "notifier"]);
  },
);

it.skipIf(!compose)(
  "no service logs in as PostgreSQL's superuser, and those that strangers talk to have their own roles",
  async () => {
    for (const [name, { environment }] of Object.entries(await readCompose(secrets))) {
      if (environment?.DATABASE_URL === undefined) continue;
      const own: Record<string, string> = {
        "sftp-gateway": "inlet_gateway:g",
        "mail-gateway": "inlet_mail:m",
        landing: "inlet_landing:l",
      };
      expect(environment.DATABASE_URL, name).toBe(`postgres://${own[name] ?? "inlet_hub:h"}@postgres:5432/inlet`);
      expect(environment, name).not.toHaveProperty("POSTGRES_PASSWORD");
    }
  },
);

it.skipIf(!compose)("nothing runs as root, servers are checked, and state is in named volumes", async () => {
  for (const [name, service] of Object.entries(await readCompose(secrets))) {
    expect(service.user, name).toMatch(/^(node|postgres|redis|1000:1000)$/);
    expect(
      (service.volumes ?? []).every(({ type }) => type === "volume"),
      name,
    ).toBe(true);
    if (["postgres", "redis", "mailpit"].includes(name))
      expect(service.healthcheck?.test?.length, name).toBeGreaterThan(1);
  }
});
