/** New comments by others: looked for while somebody looks at the page, and offered, never pushed in. */

import { order, reveal } from './embed-more.js';
import { MESSAGES, h } from './embed.js';

const STYLE = `
.pill { position: sticky; inset-block-end: 16px; block-size: 0; text-align: center; z-index: 1; }
.pill button { position: relative; translate: 0 -100%; border-radius: 24px; min-block-size: 44px; padding: 8px 20px; }
@media print { .pill { display: none; } }
`;

/** What it says; see `embed.js`. */
Object.assign(MESSAGES, {
  unseen: { one: '{n} new comment', other: '{n} new comments' },
});

const PERIOD_MS = 30000;
const LONGEST_MS = 600000;

/** Offer what has come; what was removed goes at once. @param {any} thread @param {any} data @param {HTMLElement} pill */
const compare = (thread, data, pill) => {
  const known = thread.data.thread;
  thread.data.token = data.token;
  if (data.thread.version === known.version) return;
  thread.add(data.comments.filter(({ id }) => thread.items.has(id)));
  const unseen = data.comments.filter(({ id, removed }) => !thread.items.has(id) && !removed);
  const n = Math.max(unseen.length, data.thread.count - known.count);
  const show = async () => {
    pill.hidden = true;
    thread.data.thread = data.thread;
    const added = n > unseen.length ? await order(thread, 'newest') : thread.add(unseen, thread.isNewestFirst);
    thread.tellCount();
    reveal(thread, added?.[0] || [...thread.items.values()][0]);
  };
  pill.hidden = !n;
  if (!n) thread.data.thread = data.thread;
  else {
    pill.replaceChildren(h('button', { class: 'main', part: 'new', click: show }, thread.t('unseen', { n })));
    thread.say('unseen', { n });
  }
};

/** Look every half minute; after a failure ever more rarely. @param {any} thread */
export const watch = thread => {
  const pill = h('div', { class: 'pill', hidden: true });
  thread.addStyle(STYLE);
  thread.box.append(pill);
  let pause = PERIOD_MS;
  let timer = 0;
  const look = async () => {
    clearTimeout(timer);
    if (!thread.isConnected) return removeEventListener('visibilitychange', look);
    if (!document.hidden)
      try {
        compare(thread, await thread.read(), pill);
        pause = PERIOD_MS;
      } catch {
        pause = Math.min(pause * 2, LONGEST_MS);
      }
    timer = setTimeout(look, pause);
  };
  addEventListener('visibilitychange', look);
  return look();
};
