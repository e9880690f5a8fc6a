// Writes a TypeScript file in which the users of each file are literals of the type that the service's own client
// package has for them. The compiler then rejects unknown members and wrong types.
import { readFileSync, writeFileSync } from "node:fs";

const [folder, out] = process.argv.slice(2);
const read = (name) => readFileSync(`${folder}/${name}`, "utf8");
const lines = (name) => `[${read(name).trimEnd().split("\n").join(",\n")}]`;
writeFileSync(
  out,
  `import type { ImportRequest } from "@fusionauth/typescript-client";
import type UserRepresentation from "@keycloak/keycloak-admin-client/lib/defs/userRepresentation.js";
import type { AdminUserAttributes } from "@supabase/auth-js";

export const fusionauth: ImportRequest = ${read("fusionauth.json")};
export const keycloak: { users: UserRepresentation[] } = ${read("keycloak.json")};
export const supabase: AdminUserAttributes[] = ${lines("supabase.ndjson")};
`,
);
