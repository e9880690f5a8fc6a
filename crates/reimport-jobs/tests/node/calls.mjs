// The five calls about jobs, made with the public Node SDK against a fake tenant: it must answer as the SDK expects.
// `examples/same_calls.rs` makes the same with this library; compare.mjs compares what the tenant logged.
//
//   node calls.mjs http://127.0.0.1:PORT

import assert from "node:assert/strict";
import { setTimeout as sleep } from "node:timers/promises";
import { ManagementClient } from "auth0";

const base = process.argv[2];
assert.ok(base, "expected the base URL of a fake tenant");

const domain = "fake-tenant.invalid";
const connection_id = "con_0000000000000001";
const client = new ManagementClient({
  domain,
  token: "fake-token",
  maxRetries: 0,
  // The SDK always speaks https to its domain; the fake tenant is on loopback.
  fetch: (url, options) => fetch(String(url).replace(`https://${domain}`, base), options),
});

async function ended(id) {
  for (let polls = 0; polls < 100; polls += 1) {
    const job = await client.jobs.get(id);
    if (["completed", "failed"].includes(job.status)) return job;
    await sleep(10);
  }
  throw new Error(`job ${id} does not end`);
}

const started = await client.jobs.usersExports.create({
  connection_id,
  format: "json",
  limit: 5,
  fields: [{ name: "user_id" }, { name: "identities[0].connection", export_as: "provider" }],
});
assert.equal(started.type, "users_export");
assert.equal(started.status, "pending");
const exported = await ended(started.id);
assert.equal(exported.status, "completed");
assert.equal(exported.limit, 5);
assert.match(exported.location, /^http:\/\/127\.0\.0\.1:\d+\/exports\//);

const users = JSON.stringify([{ email: "ada@example.com", user_id: "ada" }, { email: "user0@example.com" }]);
const accepted = await client.jobs.usersImports.create({
  users: new File([users], "users.json", { type: "application/json" }),
  connection_id,
  upsert: false,
  external_id: "run-1",
  send_completion_email: false,
});
assert.equal(accepted.type, "users_import");
assert.equal(accepted.external_id, "run-1");
const imported = await ended(accepted.id);
assert.deepEqual({ ...imported.summary }, { failed: 1, updated: 0, inserted: 1, total: 2 });

const errors = await client.jobs.errors.get(accepted.id);
assert.equal(errors.length, 1);
assert.equal(errors[0].user.email, "user0@example.com");
assert.equal(errors[0].errors[0].code, "DUPLICATED_USER");

const email = await client.jobs.verificationEmail.create({
  user_id: "auth0|ada",
  client_id: "fake-application",
  identity: { user_id: "ada", provider: "auth0" },
});
assert.equal(email.type, "verification_email");
console.log("the Node SDK: all five calls work");
