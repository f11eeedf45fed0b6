// Brings the database of DATABASE_URL up to date and ends. For containers, where it runs once before the services start;
// the local stack calls migrate() itself.
import { migrate } from "./migrate.ts";

const url = process.env.DATABASE_URL;
if (!url) {
  process.stderr.write("DATABASE_URL is not set: postgres://user:password@host:port/database\n");
  process.exit(78);
}
const applied = await migrate(url);
process.stdout.write(applied.length > 0 ? `applied ${applied.join(", ")}\n` : "the database is up to date\n");
