#!/usr/bin/env node
// Starts the command of the package for this platform. npm installs that package as an optional dependency.
"use strict";

const { spawn } = require("node:child_process");

const platforms = /* PLATFORMS */ {};

function fail(sentence) {
  process.stderr.write(`error: ${sentence}\n`);
  process.exit(2);
}

const platform = `${process.platform} ${process.arch}`;
const file = platforms[platform];
if (!file) {
  fail(`there is no npm package for ${platform}; build the command with cargo: cargo install reimport-cli`);
}

let command;
try {
  command = require.resolve(file);
} catch {
  fail(`the package ${file.split("/")[0]} is not installed; install reimport again, without --omit=optional`);
}

const child = spawn(command, process.argv.slice(2), { stdio: "inherit" });
child.on("error", (error) => fail(`cannot start ${command}: ${error.message}`));

// The command removes its unfinished output and ends by the signal. This process waits for it, and then does the same.
const signals = ["SIGINT", "SIGTERM", "SIGHUP"];
const forward = (signal) => child.kill(signal);
signals.forEach((signal) => process.on(signal, forward));
child.on("exit", (status, signal) => {
  signals.forEach((name) => process.removeListener(name, forward));
  if (signal) {
    process.kill(process.pid, signal);
  } else {
    process.exitCode = status;
  }
});
