/** The text as it will be published, rendered by the service. */

import { MESSAGES, h, readHtml } from './embed.js';

const STYLE = '.preview { border-block: 1px solid var(--line); padding-block: 16px; margin-block-start: 16px; }';

/** What it says; see `embed.js`. */
Object.assign(MESSAGES, {
  no_preview: 'The preview could not be loaded. Please try again in a moment.',
});
const RENDER_WITHIN_MS = 10000;

/** @param {any} thread @param {string} text @returns {Promise<string>} */
export const render = async (thread, text) => {
  const answer = await fetch(`${thread.api}preview`, { method: 'POST', body: text, signal: AbortSignal.timeout(RENDER_WITHIN_MS) });
  if (!answer.ok) throw new Error('no preview');
  return (await answer.json()).html;
};

/** Show below the form what is typed, until it is sent. @param {any} thread @param {any} form */
export const draw = async (thread, form) => {
  const text = form.inputs.body.value;
  if (!text.trim()) return form.inputs.body.focus();
  if (!form.preview) thread.addStyle(STYLE);
  form.preview ||= h('div', { class: 'preview', role: 'region', 'aria-label': thread.t('preview'), tabindex: -1 });
  const shown = h('div', { class: 'text', dir: 'auto' });
  try {
    shown.append(readHtml(await render(thread, text)));
  } catch {
    shown.append(thread.t('no_preview'));
  }
  form.preview.replaceChildren(shown);
  form.root.append(form.preview);
  form.preview.focus();
};
