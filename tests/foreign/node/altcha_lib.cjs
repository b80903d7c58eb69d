// npm `altcha-lib`, ALTCHA's own.
"use strict";

const { solveChallenge } = require("altcha-lib");
const { deriveKey } = require("altcha-lib/algorithms/web/pbkdf2");
const { answerCalls } = require("./calls.cjs");

/** The payload that its widget would put into the form. */
async function solve(url) {
  const challenge = await (await fetch(url)).json();
  const solution = await solveChallenge({ challenge, deriveKey });
  return btoa(JSON.stringify({ challenge, solution }));
}

answerCalls(() => ({ solve }));
