/**
 * Numbers of comments for lists of articles: `<span data-comments-count="https://…">`, or the attribute alone on
 * a link to the article. One request for a hundred of them.
 */

const BASE = new URL('.', import.meta.url).href;
const AT_ONCE = 100;
const WITHIN_MS = 10000;

/** @param {any} element */
const addressOf = element => new URL(element.dataset.commentsCount || element.href, location.href).href.replace(/#.*/, '');

/** @param {string} key @param {string[]} urls @returns {Promise<Record<string, number>>} */
const ask = async (key, urls) => {
  const query = new URLSearchParams(urls.map(url => ['url', url]));
  const answer = await fetch(`${BASE}embed/${key}/counts.json?${query}`, { cache: 'no-cache', signal: AbortSignal.timeout(WITHIN_MS) });
  return answer.ok ? (await answer.json()).counts : {};
};

/** Fill in the numbers below `root`; a page calls it again for what it added later.
 * @param {ParentNode} [root] @param {string} [key] */
export const count = async (root = document, key = '') => {
  key ||= [...document.scripts].find(({ src, dataset }) => dataset.key && src.startsWith(BASE))?.dataset.key || '';
  const elements = [...root.querySelectorAll('[data-comments-count]')];
  const urls = [...new Set(elements.map(addressOf))];
  for (let at = 0; at < urls.length; at += AT_ONCE) {
    const counts = await ask(key, urls.slice(at, at + AT_ONCE)).catch(() => /** @type {Record<string, number>} */ ({}));
    for (const each of elements) {
      const n = counts[addressOf(each)];
      if (typeof n === 'number') each.textContent = n.toLocaleString(document.documentElement.lang || undefined);
    }
  }
};

if (document.readyState === 'loading') addEventListener('DOMContentLoaded', () => count());
else count();
