// Writes users into the database of Better Auth, with their accounts and second factors.
//
//   reimport select tenant.json.gz --fields better-auth.fields … --format ndjson -o users.ndjson
//   node better-auth.mjs ./auth.mjs users.ndjson
//
// `auth.mjs` exports `auth`, the configured Better Auth, whose tables exist. The script can be run again: it adds
// only what is missing. It prints counts, and no value of a user.

import { createReadStream } from "node:fs";
import { resolve } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { symmetricEncrypt } from "better-auth/crypto";

// Names of the providers in an export, and in Better Auth. Accounts of other providers are counted and left out.
const PROVIDERS = {
  "google-oauth2": "google",
  apple: "apple",
  facebook: "facebook",
  github: "github",
  linkedin: "linkedin",
  twitter: "twitter",
  waad: "microsoft",
  windowslive: "microsoft",
};

const [authFile, usersFile] = process.argv.slice(2);
const { auth } = await import(pathToFileURL(resolve(authFile)));
const { adapter, secretConfig, options } = await auth.$context;
const has = (id) => options.plugins?.some((plugin) => plugin.id === id) ?? false;
const [hasAdmin, hasTwoFactor] = [has("admin"), has("two-factor")];
const counts = Object.fromEntries(
  ["users", "present users", "left out blocked users", "passwords", "social accounts", "left out accounts", "second factors"].map(
    (name) => [name, 0],
  ),
);

// Creates a row if no row has these values. Returns whether it was created.
async function ensure(model, key, data) {
  const where = Object.entries(key).map(([field, value]) => ({ field, value }));
  if (await adapter.findOne({ model, where })) return false;
  await adapter.create({ model, data: { ...key, ...data }, forceAllowId: "id" in key });
  return true;
}

for await (const line of createInterface({ input: createReadStream(usersFile), crlfDelay: Infinity })) {
  if (!line) continue;
  const { id, password, totp, identities = [], ...user } = JSON.parse(line);
  // Without the plugin, Better Auth has no place for it: a blocked user could sign in.
  if (user.banned && !hasAdmin) {
    counts["left out blocked users"] += 1;
    continue;
  }
  const date = (text) => (text ? new Date(text) : new Date());
  const dates = { createdAt: date(user.createdAt), updatedAt: date(user.updatedAt) };
  const profile = { ...user, ...dates, emailVerified: user.emailVerified === true, name: user.name ?? user.email };
  const created = await ensure("user", { id }, { ...profile, email: user.email.toLowerCase() });
  counts[created ? "users" : "present users"] += 1;
  if (password && (await ensure("account", { userId: id, providerId: "credential" }, { ...dates, accountId: id, password }))) {
    counts.passwords += 1;
  }
  for (const identity of identities.filter((identity) => identity.provider !== "auth0")) {
    const providerId = PROVIDERS[identity.provider];
    const key = { providerId, accountId: String(identity.user_id) };
    if (!providerId) counts["left out accounts"] += 1;
    else if (await ensure("account", key, { ...dates, userId: id })) counts["social accounts"] += 1;
  }
  if (totp && hasTwoFactor) {
    // Better Auth decodes a secret that begins with `base32:`. The user has no backup codes, and can make new ones.
    const encrypt = (data) => symmetricEncrypt({ key: secretConfig, data });
    const factor = { secret: await encrypt(`base32:${totp}`), backupCodes: await encrypt("[]"), verified: true };
    if (await ensure("twoFactor", { userId: id }, factor)) {
      await adapter.update({ model: "user", where: [{ field: "id", value: id }], update: { twoFactorEnabled: true } });
      counts["second factors"] += 1;
    }
  }
}
console.log(Object.entries(counts).map(([name, count]) => `${name} ${count}`).join(", "));
