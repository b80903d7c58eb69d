/** The reader's own comment after it was sent: shown at once, followed until somebody has decided. */

import { reveal } from './embed-more.js';
import { MESSAGES, store } from './embed.js';

const STYLE = `
.own > article { border-inline-start: 3px solid var(--accent); background: var(--tint); padding: 16px; margin-block-end: 8px; }
.own :is(.text, .name, .avatar) { opacity: .85; }
.note { font-size: .9em; font-weight: 600; margin-block-end: 8px; }
@media (forced-colors: active) { .own > article { border-inline-start-color: Highlight; } }
`;

/** What it says; see `embed.js`. */
Object.assign(MESSAGES, {
  checking: 'Your comment is being checked. Only you can see it yet.',
  held: 'Awaiting moderation: only you can see this',
  published: 'Your comment is published.',
  refused: 'Your comment was not published. Only you can see this.',
});

/**
 * @typedef {object} Own - a comment that the service has stored and not published
 * @property {string} id
 * @property {string} status_url
 * @property {string} parent
 * @property {string} name
 * @property {string} text
 * @property {number} at
 */

// Screening takes some milliseconds; what takes longer waits for a person.
const HELD_AFTER_MS = 2500;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 60000;
const KEPT_FOR_S = 30 * 86400;
const ASK_WITHIN_MS = 10000;

const keyOf = thread => `own ${thread.place}`;

/** @param {any} thread @returns {Own[]} */
const kept = thread => {
  const all = store.read(keyOf(thread));
  return Array.isArray(all) ? all.filter(({ at }) => at > Date.now() / 1000 - KEPT_FOR_S) : [];
};

/** @param {any} thread @param {Own} own */
const forget = (thread, own) => {
  const others = kept(thread).filter(({ id }) => id !== own.id);
  store.write(keyOf(thread), others.length && others);
};

/** Wait, and as long as nobody looks at the page. @param {number} ms */
const rest = async ms => {
  await new Promise(go => setTimeout(go, ms));
  while (document.hidden) await new Promise(go => addEventListener('visibilitychange', go, { once: true }));
};

/** Show it with a note that only its author sees. @param {any} thread @param {Own} own @param {string} key */
const show = (thread, own, key) => {
  if (!thread.dressed) thread.addStyle(STYLE);
  thread.dressed = true;
  const note = thread.t(key);
  thread.add([{ ...thread.items.get(own.id)?.comment, ...own, note }], thread.isNewestFirst);
  return thread.items.get(own.id);
};

/** Show it as it will be published. @param {any} thread @param {Own} own */
const render = async (thread, own) => {
  const { render: ask } = await import('./embed-preview.js');
  const item = thread.items.get(own.id);
  if (item?.comment.note) thread.renew(item, { ...item.comment, html: await ask(thread, own.text) });
};

/** Replace the author's view by what everybody sees. @param {any} thread @param {Own} own */
const publish = async (thread, own) => {
  forget(thread, own);
  const find = data => data.comments.find(({ id }) => id === own.id);
  let found;
  for (let pause = FIRST_PAUSE_MS; !found && pause < 5000; pause *= 2) {
    found = find(await thread.read()) || find(await thread.read({ comment: own.id }).catch(() => ({ comments: [] })));
    if (!found) await rest(pause);  // a copy in the service's memory may be a second old
  }
  const item = thread.items.get(own.id);
  if (item) thread.renew(item, { ...(found || item.comment), note: undefined });
  thread.data.thread.count++;
  thread.tellCount();
  thread.say('published');
  thread.tellPage('comment-published', { id: own.id });
};

/** What the service says about it. @param {Own} own @returns {Promise<string>} */
const ask = async ({ status_url }) => {
  const answer = await fetch(status_url, { cache: 'no-store', signal: AbortSignal.timeout(ASK_WITHIN_MS) });
  if (answer.status === 401 || answer.status === 404) return 'gone';
  return (await answer.json()).status;
};

/** Ask until somebody has decided, ever more rarely. @param {any} thread @param {Own} own @param {boolean} isNew */
const watchOver = async (thread, own, isNew) => {
  const began = Date.now();
  let isTold = !isNew;
  for (let pause = FIRST_PAUSE_MS; thread.isConnected; pause = Math.min(pause * 1.7, LONGEST_PAUSE_MS)) {
    const status = await ask(own).catch(() => '');
    if (status === 'published') return publish(thread, own);
    if (status === 'not_published' || status === 'gone') {
      forget(thread, own);
      show(thread, own, 'refused');
      return thread.say('refused');
    }
    if (!isTold && Date.now() - began > HELD_AFTER_MS) {
      isTold = true;
      show(thread, own, 'held');
      thread.say('held');
    }
    await rest(pause);
  }
};

/** Show a comment that was just stored, and follow it. @param {any} thread @param {any} sent */
export const follow = (thread, { id, status, status_url, parent, name, text }) => {
  const own = { id, status_url, parent, name: name || '?', text, at: Math.floor(Date.now() / 1000) };
  store.write(keyOf(thread), [...kept(thread), own]);
  reveal(thread, show(thread, own, 'checking'));
  thread.tellCount();
  thread.say('checking');
  thread.tellPage('comment-accepted', { id, status });
  render(thread, own).catch(() => {});
  return watchOver(thread, own, true);
};

/** Show again what its author sent before and nobody has decided on. @param {any} thread */
export const resume = thread => {
  for (const own of kept(thread)) {
    if (thread.items.has(own.id)) forget(thread, own);
    else {
      show(thread, own, 'held');
      render(thread, own).catch(() => {});
      watchOver(thread, own, false).catch(() => {});
    }
  }
  thread.tellCount();
};
