// npm `@cedx/akismet`. Comments are given by the names that the service has for them.
"use strict";

const { Blog, Client, Comment } = require("@cedx/akismet");
const { answerCalls } = require("./calls.cjs");

answerCalls(
  ({ key, blog, ...options }) => new Client(key, Blog.fromJson(blog), options),
  (value) => Comment.fromJson(value),
);
