/**
 * Elements of the thread. No text of a reader ever passes through the browser's HTML parser: what the service
 * rendered is read by `readHtml`, which knows twelve elements and one attribute; all else is set as text.
 */

/**
 * @typedef {object} Comment - a comment as the service sends it, or the reader's own one
 * @property {string} id
 * @property {string} [parent]
 * @property {string} name
 * @property {string} [site]
 * @property {number} at - seconds since 1970
 * @property {string} [html]
 * @property {string} [text] - the reader's own comment as it was typed, while there is no `html`
 * @property {number} [hue]
 * @property {boolean} [removed]
 * @property {string} [more] - the reply after which there are more
 * @property {string} [note] - what its author is told about it, while nobody else sees it
 */

/**
 * @typedef {object} Item - a comment on the page
 * @property {Comment} comment
 * @property {HTMLLIElement} li
 * @property {HTMLElement} body
 * @property {HTMLOListElement} replies
 * @property {number} level - 0, 1 or 2; deeper replies join level 2
 * @property {Item} holder - whose `replies` it is in; itself for a root
 * @property {Item} [answers] - what a flattened reply answers
 * @property {HTMLButtonElement} toggle - hides and shows the replies
 * @property {HTMLElement} [further] - loads more replies
 */

/**
 * @param {string} tag
 * @param {Record<string, any>} [attributes] - a function listens to the event of that name
 * @param {...any} children - nodes and texts; what is falsy is left out
 * @returns {any}
 */
export const h = (tag, attributes, ...children) => {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes || {}))
    if (typeof value === 'function') made.addEventListener(name, value);
    else if (value || value === 0) made.setAttribute(name, value === true ? '' : value);
  made.append(...children.filter(Boolean));
  return made;
};

/** A link that leads away: to web addresses only, and without a recommendation.
 * @param {string} url
 * @param {...any} children */
const link = (url, ...children) =>
  h('a', /^https?:\/\//i.test(url) && { href: url, rel: 'nofollow ugc noopener noreferrer' }, ...children);

const PIECE = /<(\/?)(p|br|em|strong|code|pre|blockquote|ul|ol|li|a|s)((?:\s+[a-z]+="[^"]*")*)>|[^<]+|</g;
const SIGNS = new Map(Object.entries({ amp: '&', lt: '<', gt: '>', quot: '"', nbsp: '\xa0', '#x27': "'", '#39': "'" }));
const decode = text => text.replace(/&(#?\w+);/g, (all, name) => SIGNS.get(name) ?? all);

/**
 * What the service rendered, as nodes. Anything but its elements and the address of a link stays text.
 * @param {string} html
 * @returns {DocumentFragment}
 */
export const readHtml = html => {
  /** @type {any[]} */
  const open = [document.createDocumentFragment()];
  for (const [all, closes, tag, attributes] of html.matchAll(PIECE)) {
    const inner = open.at(-1);
    if (!tag) inner.append(decode(all));
    else if (closes) inner.localName === tag && open.pop();
    else {
      const url = decode(/ href="([^"]*)"/.exec(attributes)?.[1] || '');
      const made = tag === 'a' ? link(url) : h(tag);
      inner.append(made);
      if (tag !== 'br') open.push(made);
    }
  }
  return open[0];
};

/** The first letters of the first and the last word. @param {string} name */
const initials = name => {
  const firsts = name.split(/\s+/).map(word => /[\p{L}\p{N}]/u.exec(word)?.[0]).filter(Boolean);
  return [...new Set([0, firsts.length - 1])].map(at => firsts[at] || '').join('').toUpperCase();
};

/** A message about somebody, whose name keeps its direction to itself. @param {any} thread @param {string} key
 * @param {Comment} comment */
export const aboutName = ({ t }, key, { name }) => {
  const [before, after] = t(key, { name: '\n' }).split('\n');
  return [before, h('bdi', {}, name), after];
};

/** The whole address, as the page's `<base>` may lead elsewhere. @param {Comment} comment */
const permalink = ({ id }) => `${location.href.replace(/#.*/, '')}#comment-${id}`;

const UNITS = /** @type {[Intl.RelativeTimeFormatUnit, number][]} */ ([
  ['year', 31557600], ['month', 2629800], ['week', 604800], ['day', 86400], ['hour', 3600], ['minute', 60],
]);

/** Write how long ago it was. @param {HTMLTimeElement} time @param {string} locale */
export const tellTime = (time, locale) => {
  const ago = Math.max(0, (Date.now() - Date.parse(time.dateTime)) / 1000);
  const [unit, length] = UNITS.find(each => ago >= each[1]) || ['second', 60];
  time.textContent = new Intl.RelativeTimeFormat(locale, { numeric: 'auto' }).format(-Math.floor(ago / length), unit);
};

/** @param {number} at @param {string} locale */
const drawTime = (at, locale) => {
  const date = new Date(at * 1000);
  const title = date.toLocaleString(locale, { dateStyle: 'full', timeStyle: 'short' });
  const time = h('time', { datetime: date.toISOString(), title });
  tellTime(time, locale);
  return time;
};

const LONG = 1800;
/** Whether a text takes more than about 20 lines. @param {HTMLElement} text */
const isLong = text =>
  (text.textContent || '').length > LONG || text.querySelectorAll('p,br,li,pre').length > 16;

/** @param {any} thread @param {Item} item */
const drawText = (thread, { comment }) => {
  const text = h('div', { class: 'text', part: 'text', dir: 'auto' });
  text.append(comment.html ? readHtml(comment.html) : h('p', { class: 'typed' }, comment.text));
  if (!isLong(text)) return [text];
  text.classList.add('folded');
  const unfold = h('button', { class: 'quiet', click: () => {
    text.classList.remove('folded');
    unfold.remove();
    text.tabIndex = -1;
    text.focus();
  } }, thread.t('read_more'));
  return [text, unfold];
};

/** Whom a flattened reply answers. @param {any} thread @param {Item} item */
const drawAnswered = (thread, { answers }) => {
  if (!answers) return [];
  const told = answers.comment.removed
    ? thread.t('in_reply_gone')
    : h('a', { href: permalink(answers.comment) }, ...aboutName(thread, 'in_reply', answers.comment));
  return [told, ' · '];
};

/** @param {any} thread @param {Item} item */
const drawHead = (thread, item) => {
  const { name, site, hue, at, id, note } = item.comment;
  const avatar = h('span', { class: 'avatar', part: 'avatar', 'aria-hidden': 'true' }, initials(name));
  avatar.style.setProperty('--hue', String(Number(hue || 0) * 30 + 5));
  const who = h('bdi', {}, name);
  const time = drawTime(at, thread.locale);
  const meta = h('p', { class: 'meta' }, ...drawAnswered(thread, item), note ? time : h('a', { href: permalink(item.comment) }, time));
  return h('header', {}, avatar,
    h('div', {}, h('p', { class: 'name', part: 'name', id: `name-${id}` }, site ? link(site, who) : who), meta));
};

/** @param {any} thread @param {Item} item */
const drawReply = (thread, { comment }) => {
  const label = thread.t('reply_to', comment);
  return h('button', { class: 'quiet', 'aria-label': label, click: () => thread.form.use('reply', comment.id) }, thread.t('reply'));
};

/** Draw the comment (again), without its replies. @param {any} thread @param {Item} item */
export const fill = (thread, item) => {
  const { removed, note, id } = item.comment;
  item.li.classList.toggle('own', Boolean(note));
  item.body.replaceChildren(...(removed
    ? [h('p', { class: 'gone' }, thread.t('removed'))]
    : [drawHead(thread, item), h('p', { class: 'note' }, note), ...drawText(thread, item)]
  ), h('p', { class: 'actions' }, !removed && !note && thread.data.thread.open && drawReply(thread, item), item.toggle));
  if (removed) item.body.removeAttribute('aria-labelledby');
  else item.body.setAttribute('aria-labelledby', `name-${id}`);
};

/**
 * A comment with its place in the tree, not yet in the page.
 * @param {any} thread
 * @param {Comment} comment
 * @param {Item | undefined} parent
 * @returns {Item}
 */
export const drawItem = (thread, comment, parent) => {
  const body = h('article', { part: 'comment' });
  const replies = h('ol');
  const li = h('li', { id: `comment-${comment.id}`, tabindex: -1 }, body, replies);
  /** @type {any} */
  const item = { comment, li, body, replies, level: parent ? Math.min(parent.level + 1, 2) : 0 };
  item.toggle = h('button', { class: 'quiet', hidden: true, click: () => {
    replies.hidden = !replies.hidden;
    thread.drawToggle(item);
  } });
  item.holder = !parent ? item : parent.level === 2 ? parent.holder : parent;
  if (parent?.level === 2) item.answers = parent;
  fill(thread, item);
  return item;
};
