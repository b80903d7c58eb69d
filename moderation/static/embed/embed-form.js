/** The form "Leave a Reply" as it is drawn. What it does with what is typed comes with `embed-send.js`. */

import { h } from './embed-draw.js';

/** What this browser keeps. It may keep nothing, and then it is as if all were new. */
export const store = {
  /** @param {string} key @returns {any} */
  read(key) {
    try {
      return JSON.parse(localStorage.getItem(`comments:${key}`) || '{}');
    } catch {
      return {};
    }
  },
  /** @param {string} key @param {any} value - nothing is kept if it is empty */
  write(key, value) {
    try {
      if (value) localStorage.setItem(`comments:${key}`, JSON.stringify(value));
      else localStorage.removeItem(`comments:${key}`);
    } catch { /* full, or forbidden */ }
  },
};

/** @param {Event} event */
const stay = event => event.preventDefault();

export class CommentForm {
  /** @type {Record<string, any>} by the names that the API has for the fields */
  inputs = {};
  /** the comment that is answered */
  parent = '';

  /** @param {any} thread */
  constructor(thread) {
    const { t, data } = thread;
    const me = store.read('me');
    const draft = store.read(thread.place);
    this.thread = thread;
    this.title = h('h3', { id: 'title' }, t('title'));
    this.cancel = h('button', { class: 'quiet', hidden: true, click: () => this.use('leave') }, t('cancel'));
    this.problem = h('div', { class: 'problem', role: 'alert', tabindex: -1, hidden: true });
    this.trap = h('input', { tabindex: -1, autocomplete: 'off' });
    this.keep = h('input', { type: 'checkbox' });
    this.keep.checked = me.name || me.email;
    this.button = h('button', { class: 'main', part: 'button' }, t('post'));
    const form = h('form', { novalidate: true, 'aria-labelledby': 'title', submit: event => {
        event.preventDefault();
        this.use('submit');
      }, focusin: () => this.use('start') },
      h('div', { class: 'fields' },
        this.field('body', true, { maxlength: 13000, rows: 5, dir: 'auto' }, data.thread.format === 'markdown' && t('format')),
        this.field('name', data.thread.email, { autocomplete: 'name', dir: 'auto' }),
        this.field('email', data.thread.email, { type: 'email', autocomplete: 'email', dir: 'ltr' }),
        this.field('website', false, { type: 'url', autocomplete: 'url', dir: 'ltr' })),
      h('div', { class: 'unseen', 'aria-hidden': 'true' }, h('label', {}, t('trap'), this.trap)),
      // The focus stays in the field until the click is over: its error would move the button away under the pointer.
      h('label', { class: 'keep', mousedown: stay }, this.keep, h('span', {}, t('keep'))),
      h('p', { class: 'buttons', mousedown: stay }, this.button,
        h('button', { class: 'quiet', type: 'button', click: () => thread.later('preview', 'draw', this) }, t('preview'))));
    this.root = h('div', { class: 'respond', part: 'form' },
      h('div', { class: 'top' }, this.title, this.cancel),
      h('p', { class: 'hint' }, h('span', { id: 'notes' }, t('notes')), ` ${t('marked')} `, h('span', { class: 'star' }, '*')),
      this.problem, form);
    for (const name in this.inputs) this.inputs[name].value = draft[name] || me[name] || '';
    thread.placeForm(this.root);
    if (thread.items.has(draft.parent)) this.use('answer', draft.parent);
  }

  /** @param {string} name @param {boolean} isNeeded @param {Record<string, any>} attributes @param {string} [hint] */
  field(name, isNeeded, attributes, hint) {
    const input = this.inputs[name] = h(name === 'body' ? 'textarea' : 'input', {
      id: name, part: 'input', 'aria-required': isNeeded && 'true',
      'aria-describedby': `${name === 'email' ? 'notes ' : ''}${name}-hint ${name}-error`, ...attributes,
    });
    input.isNeeded = isNeeded;
    input.hint = h('p', { class: 'hint', id: `${name}-hint` }, hint);
    input.error = h('p', { class: 'error', id: `${name}-error` });
    return h('div', {},
      h('label', { for: name }, this.thread.t(name), isNeeded && h('span', { class: 'star', 'aria-hidden': 'true' }, ' *')),
      input, input.hint, input.error);
  }

  /** Call a function of what checks, keeps and sends the text. @param {string} name @param {...any} given */
  async use(name, ...given) {
    try {
      await (await import('./embed-send.js'))[name](this, ...given);
    } catch {
      this.problem.textContent = this.thread.t('unsent');
      this.problem.hidden = false;
    }
  }
}
