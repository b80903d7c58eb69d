// npm `perspective-api-client`. It has no option for the host; `perspective_host.cjs` turns it here.
"use strict";

const Perspective = require("perspective-api-client");
const { answerCalls } = require("./calls.cjs");

answerCalls((options) => new Perspective(options));
