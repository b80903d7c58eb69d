// npm `@conversationai/perspectiveapi-js-client`. Its address is a property that may be assigned.
"use strict";

const { Client } = require("@conversationai/perspectiveapi-js-client");
const { answerCalls } = require("./calls.cjs");

answerCalls(({ apiKey, url }) => {
  const client = new Client(apiKey);
  client.perspectiveApiUrl = client.perspectiveApiUrl.replace("https://commentanalyzer.googleapis.com", url);
  return client;
});
