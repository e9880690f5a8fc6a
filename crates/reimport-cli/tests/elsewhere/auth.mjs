// Better Auth on SQLite, as the page docs/elsewhere/better-auth.md configures it. Environment: DATABASE, the file.
import bcrypt from "bcryptjs";
import { betterAuth } from "better-auth";
import { getMigrations } from "better-auth/db/migration";
import { admin, twoFactor } from "better-auth/plugins";
import { SqliteDialect } from "kysely";
import Database from "libsql";

const options = {
  baseURL: "http://localhost",
  secret: "a secret of the tests, which is long enough: 0Zk3vQ8mY1tR",
  logger: { level: "error" },
  telemetry: { enabled: false },
  database: { dialect: new SqliteDialect({ database: new Database(process.env.DATABASE) }), type: "sqlite" },
  emailAndPassword: {
    enabled: true,
    password: {
      hash: (password) => bcrypt.hash(password, 10),
      verify: ({ hash, password }) => bcrypt.compare(password, hash),
    },
  },
  plugins: [admin(), twoFactor()],
};
const { runMigrations } = await getMigrations(options);
await runMigrations();
export const auth = betterAuth(options);
