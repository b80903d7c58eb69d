// npm `openai`, OpenAI's own.
"use strict";

const { OpenAI } = require("openai");
const { answerCalls } = require("./calls.cjs");

answerCalls((options) => new OpenAI(options));
