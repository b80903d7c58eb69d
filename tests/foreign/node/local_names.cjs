// For `--require`: every name below "localhost" is this machine, as a wildcard entry in DNS would say of a real host.
"use strict";

const dns = require("node:dns");

const lookup = dns.lookup;

dns.lookup = (host, options, callback) => {
  const here = host.endsWith(".localhost") ? "127.0.0.1" : host;
  return callback === undefined ? lookup(here, options) : lookup(here, options, callback);
};
