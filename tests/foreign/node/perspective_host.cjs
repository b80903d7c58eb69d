// For `--require`: what `perspective-api-client` sends to Google goes to PERSPECTIVE_URL. The client is not changed:
// its HTTP library lets others look at each request.
"use strict";

const { createRequire } = require("node:module");

const GOOGLE = "https://commentanalyzer.googleapis.com";
const axios = createRequire(require.resolve("perspective-api-client"))("axios");

axios.interceptors.request.use((config) => ({
  ...config,
  url: config.url.replace(GOOGLE, process.env.PERSPECTIVE_URL),
}));
