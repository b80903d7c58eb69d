// npm `akismet-api`. Its submissions resolve with the whole answer, of which the text is told.
"use strict";

const { AkismetClient } = require("akismet-api");
const { answerCalls } = require("./calls.cjs");

answerCalls(
  (options) => new AkismetClient(options),
  undefined,
  (value) => (typeof value === "boolean" ? value : { status: value.status, text: value.text }),
);
