// Compares what two fake tenants logged: calls, paths, queries, JSON bodies and multipart fields must be the same.
//
//   node compare.mjs NAME SDK.ndjson OURS.ndjson

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

function calls(file) {
  const lines = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const seen = lines.map(({ call, path, query, status, authorized, json, fields }) =>
    ({ call, path, query, status, authorized, json, fields }));
  // How often a job is polled differs between clients.
  return seen.filter((call, index) => index === 0 || call.path !== seen[index - 1].path);
}

const [name, ...files] = process.argv.slice(2);
const [sdk, ours] = files.map(calls);
assert.equal(sdk.length, 6, "expected an export, its job, an import, its job, its errors, an email");
assert.deepEqual(ours, sdk);
console.log(`the ${name} SDK and this library: the same requests`);
