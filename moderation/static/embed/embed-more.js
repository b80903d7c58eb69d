/** Finding one's way in a thread: other parts, another order, and the comment that an address names. */

/** A comment's id in the fragment of an address. */
const NAMED = /^#comment-([\w-]{36})$/;

/** The next part of the thread. @param {any} thread @param {HTMLElement} slot @param {string} way @param {string} cursor */
export const load = async (thread, slot, way, cursor) => {
  const data = await thread.read({ [way === 'older' ? 'before' : 'after']: cursor });
  const added = thread.add(data.comments, slot === thread.before);
  thread.drawMore(slot, way, data[way]);
  reveal(thread, added[0]);
};

/** More replies to a root. @param {any} thread @param {string} root @param {string} after */
export const loadReplies = async (thread, root, after) => {
  const item = thread.items.get(root);
  item.further.remove();
  try {
    reveal(thread, thread.add((await thread.read({ root, after })).comments).find(({ level }) => level));
  } catch (error) {
    item.li.append(item.further);
    throw error;
  }
};

/** Show the comments in another order. @param {any} thread @param {string} sort */
export const order = async (thread, sort) => {
  thread.sort = thread.select.value = sort;
  thread.showPage(await thread.read());
};

/** Go to the comment that the address names, wherever in the thread it is. @param {any} thread @param {string} hash */
export const goTo = async (thread, hash) => {
  const id = NAMED.exec(hash)?.[1];
  if (!id) return;
  if (!thread.items.has(id)) thread.showPage(await thread.read({ comment: id }));
  reveal(thread, thread.items.get(id));
};

/** Scroll to a comment and focus it. @param {any} thread @param {any} item */
export const reveal = (thread, item) => {
  if (!item) return;
  for (let above = item; above !== above.holder; above = above.holder) {
    above.holder.replies.hidden = false;
    thread.drawToggle(above.holder);
  }
  item.li.scrollIntoView({ block: 'nearest' });
  item.li.focus({ preventScroll: true });
};
