/**
 * `<comment-thread>`: the comments of a page and the form to write one, for
 * `<script type="module" src="…/embed.js" data-key="…">`. See docs/embedding.md.
 */

import { aboutName, drawItem, fill, h, readHtml, tellTime } from './embed-draw.js';
import { CommentForm, store } from './embed-form.js';
import { STYLE } from './embed-style.js';

/** What the modules that are loaded on demand need of those that are always there. */
export { aboutName, h, readHtml, store };

/** @typedef {import('./embed-draw.js').Comment} Comment */
/** @typedef {import('./embed-draw.js').Item} Item */

/**
 * What it says at first, in English; the modules that are loaded on demand add what they say. `texts` of the
 * service replaces all of it. Plurals are by the categories of CLDR.
 * @type {Record<string, any>}
 */
export const MESSAGES = {
  count: { one: '{n} comment', other: '{n} comments' },
  none: 'No comments yet. Be the first to comment.',
  none_closed: 'There are no comments.',
  closed: 'Comments are closed.',
  loading: 'Loading comments…',
  failed: 'The comments could not be loaded.',
  retry: 'Try again',
  sort: 'Sort',
  oldest: 'Oldest first',
  newest: 'Newest first',
  discussed: 'Most discussed',
  older: 'Show older comments',
  newer: 'Show newer comments',
  further: 'Show more comments',
  more_replies: 'Show more replies',
  hide_replies: { one: 'Hide {n} reply', other: 'Hide {n} replies' },
  show_replies: { one: 'Show {n} reply', other: 'Show {n} replies' },
  read_more: 'Read more',
  removed: 'This comment was removed.',
  reply: 'Reply',
  reply_to: 'Reply to {name}',
  in_reply: 'in reply to {name}',
  in_reply_gone: 'in reply to a removed comment',
  title: 'Leave a Reply',
  title_to: 'Leave a Reply to {name}',
  cancel: 'Cancel reply',
  notes: 'Your email address will not be published.',
  marked: 'Required fields are marked',
  body: 'Comment',
  name: 'Name',
  email: 'Email',
  website: 'Website',
  format: 'You can use *emphasis*, **bold**, `code`, > quotes, - lists and links.',
  trap: 'Leave this empty',
  keep: 'Save my name, email, and website in this browser for the next time I comment.',
  post: 'Post Comment',
  preview: 'Preview',
  unsent: 'Your comment could not be sent. Your text is kept: please try again in a moment.',
};

const BASE = new URL('.', import.meta.url).href;
const READ_WITHIN_MS = 10000;
const LOADING_SHOWN_AFTER_MS = 800;
const MINUTE_MS = 60000;
const WATCH_AFTER_MS = 15000;

/** The public key that a script of this service on the page names. */
const keyOfScript = () =>
  [...document.scripts].find(({ src, dataset }) => dataset.key && src.startsWith(BASE))?.dataset.key || '';

/** A language's code as `Intl` takes it: pages write `pt_BR`, too. @param {string} code */
const readLang = code => {
  try {
    return Intl.getCanonicalLocales(code.trim().replaceAll('_', '-'))[0];
  } catch {
    return 'en';
  }
};

export class CommentThread extends HTMLElement {
  base = BASE;
  /** @type {Map<string, Item>} */
  items = new Map();
  /** @type {any} what the service answered last */
  data;
  /** @type {CommentForm | undefined} */
  form;

  connectedCallback() {
    if (this.shadowRoot) return;
    this.attachShadow({ mode: 'open' });
    this.addStyle(STYLE);
    const at = name => this.getAttribute(name);
    /** @type {HTMLLinkElement | null} */
    const canonical = document.querySelector('link[rel=canonical]');
    this.page = new URL(at('url') || canonical?.href || location.href, location.href).href.replace(/#.*/, '');
    this.pageTitle = at('title') || document.title;
    this.key = at('key') || at('site-key') || keyOfScript();
    this.wantedLang = readLang(at('lang') || document.documentElement.lang);
    this.locale = 'en';
    this.sort = at('sort') || '';
    this.api = `${BASE}embed/${this.key}/`;
    this.place = `${this.key} ${this.page}`;
    this.status = h('p', { class: 'unseen', role: 'status' });
    this.list = h('ol', { class: 'list', part: 'list' });
    this.box = h('section', { part: 'thread', 'aria-labelledby': 'heading' });
    this.box.title = '';
    this.shadowRoot?.append(this.box);
    addEventListener('hashchange', () => this.later('more', 'goTo', location.hash));
    setInterval(() => this.tick(), MINUTE_MS);
    this.start();
  }

  /** @param {string} css */
  addStyle(css) {
    const sheet = new CSSStyleSheet();
    sheet.replaceSync(css);
    this.shadowRoot?.adoptedStyleSheets.push(sheet);
  }

  /** A message with its values. @param {string} key @param {Record<string, any>} [values] */
  t = (key, values = {}) => {
    let text = this.texts?.[key] ?? MESSAGES[key];
    if (typeof text !== 'string') text = text[new Intl.PluralRules(this.locale).select(values.n)] ?? text.other;
    return text.replace(/\{(\w+)\}/g, (_, name) =>
      typeof values[name] === 'number' ? values[name].toLocaleString(this.locale) : values[name]);
  };

  /** Say it to those who do not see it. @param {string} key @param {any} [values] */
  say(key, values) {
    this.status.className = 'unseen';
    this.status.textContent = this.t(key, values);
  }

  /** Ask the service for a part of the thread. @param {Record<string, string>} [part] */
  async read(part = {}) {
    const named = Object.entries({ url: this.page, sort: this.sort, lang: /^en\b/i.test(this.wantedLang) ? '' : this.wantedLang, ...part });
    const query = new URLSearchParams(named.filter(([, value]) => value));
    const answer = await fetch(`${this.api}thread.json?${query}`, { cache: 'no-cache', signal: AbortSignal.timeout(READ_WITHIN_MS) });
    const data = await answer.json();
    if (!answer.ok) throw new Error(answer.status < 500 ? data.detail : '');
    return data;
  }

  /** Load and show the thread; on failure say so, and try again when there is a connection. */
  async start() {
    const waiting = setTimeout(() => this.box.replaceChildren(h('p', { class: 'none' }, this.t('loading'))), LOADING_SHOWN_AFTER_MS);
    const linked = /^#comment-([\w-]{36})$/.exec(location.hash)?.[1] || '';
    try {
      const data = await this.read({ comment: linked }).catch(error => linked ? this.read() : Promise.reject(error));
      clearTimeout(waiting);
      this.show(data);
    } catch (error) {
      clearTimeout(waiting);
      this.showFailure(/** @type {Error} */ (error));
      return;
    }
    if (linked) this.later('more', 'goTo', location.hash);
    this.tellPage('comments-ready', { count: this.data.thread.count });
    this.follow();
  }

  /** @param {Error} error */
  showFailure(error) {
    const again = () => {
      removeEventListener('online', again);
      this.start();
    };
    addEventListener('online', again);
    const reason = error.name === 'Error' && error.message;
    this.box.replaceChildren(h('p', { class: 'none', role: 'status' }, reason || this.t('failed'), ' '),
      h('button', { class: 'quiet', click: again }, this.t('retry')));
  }

  /** What is loaded only where it is needed: new comments by others, the reader's own held ones, counts. */
  follow() {
    const isOld = store.read(`own ${this.place}`).length;
    if (isOld) this.later('sent', 'resume');
    setTimeout(() => this.later('watch', 'watch'), WATCH_AFTER_MS);
  }

  /** @param {any} data */
  show(data) {
    this.data = data;
    this.texts = data.texts;
    this.locale = data.texts || /^en\b/i.test(this.wantedLang) ? this.wantedLang : 'en';
    this.box.lang = this.locale;
    this.box.dir = /^(ar|fa|he|ur)\b/i.test(this.locale) ? 'rtl' : 'ltr';
    this.heading = h('h2', { id: 'heading' });
    this.before = h('p', {});
    this.after = h('p', {});
    this.foot = h('div', {});
    this.box.replaceChildren(this.drawTop(), this.status, this.before, this.list, this.after, this.foot);
    this.showPage(data);
    if (!data.thread.open) return this.placeForm(h('p', { class: 'closed' }, this.t('closed')));
    this.form = new CommentForm(this);
  }

  drawTop() {
    const { t } = this;
    const { open, count } = this.data.thread;
    const chosen = this.sort || 'oldest';
    this.select = h('select', { change: () => this.later('more', 'order', this.select.value) },
      ...['newest', 'oldest', 'discussed'].map(name => h('option', { value: name, selected: name === chosen }, t(name))));
    return h('div', { class: 'top', part: 'header' }, this.heading,
      open && count > 3 && h('button', { class: 'quiet', click: () => this.form?.use('reply') }, t('title')),
      count > 1 && h('label', {}, h('span', { class: 'unseen' }, t('sort')), this.select));
  }

  /** Replace the comments by this part of the thread. @param {any} data */
  showPage(data) {
    if (this.form?.parent) this.form.use('answer');
    else if (this.form) this.placeForm(this.form.root);
    const own = [...this.items.values()].map(({ comment }) => comment).filter(({ note }) => note);
    this.items.clear();
    this.list.replaceChildren();
    this.data = data;
    this.add(data.comments);
    this.add(own, this.isNewestFirst);
    const [above, below] = this.isNewestFirst ? ['newer', 'older'] : ['older', 'newer'];
    this.drawMore(this.before, above, data[above]);
    this.drawMore(this.after, below, data[below]);
    this.tellCount();
  }

  tellCount() {
    const { count, open } = this.data.thread;
    this.heading.textContent = this.t('count', { n: count });
    this.none?.remove();
    if (!this.items.size) this.after.after(this.none = h('p', { class: 'none' }, this.t(open ? 'none' : 'none_closed')));
  }

  /** Whether new comments belong above the others. */
  get isNewestFirst() {
    return this.sort === 'newest' || this.sort === 'discussed';
  }

  /** A button for the next part of the thread in one direction. @param {HTMLElement} slot @param {string} way
   * @param {string} [cursor] */
  drawMore(slot, way, cursor) {
    const key = this.sort === 'discussed' ? 'further' : way;
    slot.replaceChildren(cursor ? this.drawLoader(key, 'load', slot, way, cursor) : '');
  }

  /** A button that calls a function of `embed-more.js`. @param {string} key @param {string} name @param {...any} given */
  drawLoader(key, name, ...given) {
    return h('button', { class: 'quiet', click: () => this.later('more', name, ...given) }, this.t(key));
  }

  /** Call a function of a module that is loaded now; say so where that fails, as without a connection.
   * @param {string} module @param {string} name @param {...any} given */
  async later(module, name, ...given) {
    try {
      return await (await import(`./embed-${module}.js`))[name](this, ...given);
    } catch {
      this.say('failed');
      this.status.className = 'none';
    }
  }

  /** Put comments into their places; those that are there already are only renewed.
   * @param {Comment[]} comments @param {boolean} [isBefore] - whether roots go above all others
   * @returns {Item[]} the new ones */
  add(comments, isBefore = false) {
    const roots = document.createDocumentFragment();
    const added = [];
    /** @type {Item | undefined} */
    let root;
    for (const comment of comments) {
      let item = this.items.get(comment.id);
      if (item) this.renew(item, comment);
      else {
        const parent = comment.parent ? this.items.get(comment.parent) || root : undefined;
        item = drawItem(this, comment, parent);
        this.items.set(comment.id, item);
        added.push(item);
        if (parent) item.holder.replies.append(item.li);
        else roots.append(item.li);
      }
      if (item.level === 0) this.drawMoreReplies(root = item, comment.more);
    }
    this.list[isBefore ? 'prepend' : 'append'](roots);
    this.items.forEach(item => this.drawToggle(item));
    return added;
  }

  /** Show what has become of a comment. @param {Item} item @param {Comment} comment */
  renew(item, comment) {
    const { removed, html, note } = item.comment;
    item.comment = comment;
    if (removed !== comment.removed || html !== comment.html || note !== comment.note) fill(this, item);
  }

  /** @param {Item} item @param {string} [after] */
  drawMoreReplies(item, after) {
    item.further?.remove();
    if (after) item.li.append(item.further = this.drawLoader('more_replies', 'loadReplies', item.comment.id, after));
  }

  /** @param {Item} item */
  drawToggle({ toggle, replies }) {
    const n = replies.getElementsByTagName('li').length;
    toggle.hidden = !n;
    toggle.ariaExpanded = String(!replies.hidden);
    toggle.textContent = this.t(replies.hidden ? 'show_replies' : 'hide_replies', { n });
  }

  /** Put the form into its own place: next to where a new comment will appear. @param {HTMLElement} form */
  placeForm(form) {
    if (this.isNewestFirst) this.before.before(form);
    else this.foot.append(form);
  }

  /** Tell the page. @param {string} name @param {Record<string, any>} detail */
  tellPage(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { detail, bubbles: true, composed: true }));
  }

  tick() {
    if (!document.hidden) this.list.querySelectorAll('time').forEach(time => tellTime(time, this.locale));
  }
}

customElements.get('comment-thread') || customElements.define('comment-thread', CommentThread);

const countThreads = () => document.querySelector('[data-comments-count]') && import('./embed-counts.js');
if (document.readyState === 'loading') addEventListener('DOMContentLoaded', countThreads);
else countThreads();
