// Reads {"options": ..., "calls": [[method, ...arguments], ...]} from standard input, makes a client of the options,
// calls its methods one after the other, and prints a JSON list of what came of each: {"value"} or {"error"}.
"use strict";

const { readFileSync } = require("node:fs");

/** What a test may want to know of an error; `response` is what axios keeps of the server's answer. */
function describe(error) {
  const { name, message, status, code, type, param, response } = error;
  const body = response && (response.data ?? response.text);
  return { name, kind: error.constructor.name, message, status: status ?? response?.status, code, type, param, body };
}

/** Calls `path`, which may lead through properties: "moderations.create". */
async function call(client, path, parameters) {
  const names = path.split(".");
  const method = names.pop();
  const owner = names.reduce((object, name) => object[name], client);
  return await owner[method](...parameters);
}

/** `makeClient` is given the options; `revive` makes the client's own objects of plain JSON. */
async function answerCalls(makeClient, revive = (value) => value, tell = (value) => value) {
  const { options, calls } = JSON.parse(readFileSync(0, "utf8"));
  const client = makeClient(options);
  const outcomes = [];
  for (const [path, ...parameters] of calls) {
    try {
      outcomes.push({ value: tell(await call(client, path, parameters.map(revive))) ?? null });
    } catch (error) {
      outcomes.push({ error: describe(error) });
    }
  }
  process.stdout.write(JSON.stringify(outcomes));
}

module.exports = { answerCalls };
