// Compares what two fake tenants logged: calls, paths, queries, JSON bodies and multipart fields must be the same.
//
//   node compare.mjs NAME SDK.ndjson OURS.ndjson

import assert from "node:assert/strict";
import { readFileSync } from "node:fs";

function calls(file) {
  const lines = readFileSync(file, "utf8").trim().split("\n").map((line) => JSON.parse(line));
  const seen = lines.map(({ call, path, query, status, authorized, json, fields }) =>
    ({ call, path, query, status, authorized, json, fields }));
  // How often a job is looked at is each client's own choice.
  return seen.filter((call, place) => place === 0 || call.path !== seen[place - 1].path);
}

const [name, ...files] = process.argv.slice(2);
const [sdk, ours] = files.map(calls);
assert.equal(sdk.length, 6, "an export, its look, an import, its look, its errors, an email");
assert.deepEqual(ours, sdk);
console.log(`the ${name} SDK and this library: the same requests`);
