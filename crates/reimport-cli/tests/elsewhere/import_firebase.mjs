// Imports users with the code of `firebase auth:import` into Firebase's own emulator of Authentication, which checks
// requests as the service does. The emulator cannot verify bcrypt hashes: no sign-in is tried.
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createServer } from "node:net";

const require = createRequire(import.meta.url);
const [usersFile] = process.argv.slice(2);
const project = "demo-elsewhere";
const port = await new Promise((found) => {
  const server = createServer().listen(0, "127.0.0.1", () => {
    const { port } = server.address();
    server.close(() => found(port));
  });
});
// Read when the modules are loaded.
process.env.FIREBASE_GOOGLE_URL = `http://127.0.0.1:${port}/www.googleapis.com`;
const { AuthEmulator } = require("firebase-tools/lib/emulator/auth");
const { setAccessToken } = require("firebase-tools/lib/apiv2");
const { command } = require("firebase-tools/lib/commands/auth-import");

const emulator = new AuthEmulator({ projectId: project, host: "127.0.0.1", port });
await emulator.start();
try {
  // The token of an owner of the emulator.
  setAccessToken("owner");
  await command.actionFn(usersFile, { project, projectId: project, hashAlgo: "BCRYPT" });
  const url = `http://127.0.0.1:${port}/identitytoolkit.googleapis.com/v1/projects/${project}/accounts:batchGet?maxResults=100`;
  const { users } = await (await fetch(url, { headers: { authorization: "Bearer owner" } })).json();
  const imported = new Map(users.map((user) => [user.localId, user]));
  const given = JSON.parse(readFileSync(usersFile, "utf8")).users;
  assert.equal(imported.size, given.length);
  for (const user of given) {
    const { disabled = false, emailVerified, ...rest } = user;
    const found = imported.get(user.localId);
    assert.equal(found.disabled, disabled);
    assert.equal(found.emailVerified ?? false, emailVerified ?? false);
    for (const [name, value] of Object.entries(rest)) assert.equal(found[name], value, `${user.localId} ${name}`);
    const hash = user.passwordHash && Buffer.from(user.passwordHash, "base64").toString();
    assert.match(hash ?? "$2b$10$", /^\$2[ab]\$10\$/);
  }
  console.log(`Firebase: ${given.length} users accepted by auth:import and the emulator`);
} finally {
  await emulator.stop();
}
