/** What is wrong with what is typed, its draft, and sending it: loaded once somebody turns to the form. */

import { MESSAGES, aboutName, h, store } from './embed.js';

const STYLE = `
[aria-invalid] { border-color: var(--danger); box-shadow: inset 0 0 0 1px var(--danger); }
.error, .problem a { color: var(--danger); }
.error { font-weight: 600; font-size: .9em; margin-block-start: 4px; }
.problem { border: 1px solid var(--danger); border-inline-start-width: 5px; padding: 12px 16px; margin-block-start: 12px; border-radius: 2px; }
.problem a { display: block; padding-block: 4px; }
`;

/** What it says; see `embed.js`. */
Object.assign(MESSAGES, {
  posting: 'Posting…',
  left: { one: '{n} character left', other: '{n} characters left' },
  mend: 'Some fields need your attention.',
  need_body: 'Write your comment.',
  need_name: 'Enter your name.',
  need_email: 'Enter an address like name@example.org.',
  bad_website: 'Enter an address like https://example.org, or leave this empty.',
  too_long: 'Keep it to {max} characters; it has {n} now.',
  offline: 'You are offline. Your text is kept and will be sent as soon as you are connected again.',
  slow: 'The connection is slow. Trying again…',
  orphan: 'The comment that you reply to is no longer there. You can post this as a comment of its own.',
  duplicate: "Duplicate comment detected; it looks as though you've already said that!",
  flood: 'You are posting comments too quickly. Try again in {n} seconds.',
  rate_limited: 'Too many requests. Try again in {n} seconds.',
  thread_closed: 'Comments are closed here.',
  line_break: 'Write the name on one line.',
  direction_control: 'Remove the invisible characters that change the direction of text.',
  control_character: 'Remove the control characters.',
  too_many_marks: 'Remove the marks that are stacked on one letter.',
});

/** The limits of the service (domain/fields.py), in characters. */
const LIMITS = { body: 10000, name: 100, email: 254, website: 200 };
const TELL_LEFT_FROM = 500;
const LONGEST_TITLE = 300;
const POST_WITHIN_MS = 20000;
const PAUSES_MS = [1000, 3000];
const WORK_WITHIN_MS = 20000; // from the click
const WORK_KEPT_MS = 3600000; // half of the time that a challenge is good for
const ANY_VISIBLE = /[^\p{White_Space}\p{Cc}\p{Cf}\p{Mn}]/u;
const ADDRESS = /^[^\s@]+@[^\s@.]+(\.[^\s@.]+)+$/;
const WEBSITE = /^(https?:\/\/)?[^\s/:?#@.]+(\.[^\s/:?#@.]+)+(:\d+)?([/?#]\S*)?$/i;

/**
 * What is wrong with a field, in the words of the service, which has the last word.
 * @param {string} field
 * @param {string} value
 * @param {boolean} isNeeded
 * @returns {[] | [key: string, values?: Record<string, number>]}
 */
export const check = (field, value, isNeeded) => {
  const text = value.trim();
  const n = [...text].length;
  if (!ANY_VISIBLE.test(text)) return isNeeded ? [`need_${field}`] : [];
  if (field === 'email') return n > LIMITS.email || !ADDRESS.test(text) ? ['need_email'] : [];
  if (n > LIMITS[field]) return ['too_long', { max: LIMITS[field], n }];
  return field === 'website' && !WEBSITE.test(text) ? ['bad_website'] : [];
};

/** @param {any} form @returns {Record<string, string>} */
const valuesOf = form => Object.fromEntries(Object.entries(form.inputs).map(([name, { value }]) => [name, value]));

/** @param {any} form @param {string} name @param {string} message */
const mark = ({ inputs }, name, message) => {
  inputs[name].error.textContent = message;
  inputs[name].ariaInvalid = message ? 'true' : null;
};

/** Say what is wrong with a field; whether anything is. @param {any} form @param {string} name */
const judge = (form, name) => {
  const [key, values] = check(name, form.inputs[name].value, form.inputs[name].isNeeded);
  mark(form, name, key ? form.thread.t(key, values) : '');
  return Boolean(key);
};

/** Keep what is typed, except the address, tell how much room is left, and take back errors that are mended.
 * @param {any} form */
const type = form => {
  const { thread, inputs, parent } = form;
  const { body, name, website } = valuesOf(form);
  store.write(thread.place, body.trim() && { body, name, website, parent });
  if (body.trim()) prove(form);
  const left = LIMITS.body - [...body].length;
  inputs.body.hint.textContent = left < TELL_LEFT_FROM ? thread.t('left', { n: left }) : form.hint;
  for (const each in inputs)
    if (inputs[each].ariaInvalid && !check(each, inputs[each].value, inputs[each].isNeeded).length) mark(form, each, '');
};

/** Begin the proof of work that the site asks for, if any; kept until a comment has used it up. What cannot be
 * proved is sent without, and a moderator reads it. @param {any} form */
const prove = form => {
  const { data, api } = form.thread;
  if (!data.thread.work || form.workUntil > Date.now()) return;
  form.workUntil = Date.now() + WORK_KEPT_MS;
  form.work = import('./embed-work.js').then(({ solve }) => solve(`${api}challenge.json`)).catch(() => '');
};

/** What follows a comment. It is loaded before one is sent, because afterwards nothing may fail.
 * @param {any} form @returns {Promise<typeof import('./embed-sent.js')>} */
const load = form => form.sent ??= import('./embed-sent.js').catch(error => {
  form.sent = undefined;
  throw error;
});

/** Make the form work, once. @param {any} form */
export const start = form => {
  if (form.hint !== undefined) return;
  form.thread.addStyle(STYLE);
  form.hint = form.inputs.body.hint.textContent;
  load(form).catch(() => {});
  form.problem.hidden = true;
  form.root.addEventListener('input', () => type(form));
  for (const name in form.inputs)
    form.inputs[name].addEventListener('change', () => form.inputs[name].value.trim() && judge(form, name));
  type(form);
};

/** Move the form under a comment, or back to its own place. @param {any} form @param {string} [id] */
export const answer = (form, id = '') => {
  start(form);
  const { thread, root } = form;
  const item = thread.items.get(id);
  form.parent = item ? id : '';
  form.title.replaceChildren(...item ? aboutName(thread, 'title_to', item.comment) : [thread.t('title')]);
  form.cancel.hidden = !item;
  if (item) item.body.after(root);
  else thread.placeForm(root);
  type(form);
};

/** Answer a comment: the text is next. @param {any} form @param {string} id */
export const reply = (form, id) => {
  answer(form, id);
  form.root.scrollIntoView({ block: 'nearest' });
  form.inputs.body.focus();
};

/** Cancel the reply; the text stays. @param {any} form */
export const leave = form => {
  const { parent, thread } = form;
  answer(form);
  thread.items.get(parent)?.body.querySelector('.actions button')?.focus();
};

/** Say above the form what is wrong, with a way to each field. @param {any} form @param {string} message
 * @param {string[]} [fields] */
const tell = ({ thread, inputs, problem }, message, fields = []) => {
  problem.replaceChildren(message, ...fields.map(name => h('a', { href: `#${name}`, click: event => {
    event.preventDefault();
    inputs[name].focus();
  } }, `${thread.t(name)}: ${inputs[name].error.textContent}`)));
  problem.hidden = !message;
  if (message) (inputs[fields[0]] || problem).focus();
};

/** @param {any} form */
export const submit = async form => {
  start(form);
  const { thread, button, inputs } = form;
  if (form.isBusy) return;
  const wrong = Object.keys(inputs).filter(name => judge(form, name));
  if (wrong.length) return tell(form, thread.t('mend'), wrong);
  tell(form, '');
  form.isBusy = true;
  button.textContent = thread.t('posting');
  await send(form).catch(() => tell(form, thread.t('unsent')));
  form.isBusy = false;
  button.textContent = thread.t('post');
};

/** Send it. What was sent and not answered is sent again as it was, so that it cannot count twice.
 * @param {any} form */
const send = async form => {
  const typed = JSON.stringify([valuesOf(form), form.parent]);
  const { follow } = await load(form).catch(() => load(form));
  if (form.attempt?.typed !== typed) {
    const key = crypto.getRandomValues(new Uint32Array(4)).join('-');
    form.attempt = { typed, key, body: JSON.stringify(await build(form)) };
  }
  const answer = await post(form);
  const told = await answer.json().catch(() => ({}));
  form.attempt = undefined;
  return answer.status === 202 ? accept(form, told, follow) : refuse(form, told, answer);
};

/** @param {any} form */
const build = async form => {
  const { thread, parent } = form;
  prove(form);
  const late = new Promise(go => setTimeout(go, WORK_WITHIN_MS));
  const work = await Promise.race([form.work, late]);
  return {
    thread: { url: thread.page, title: thread.pageTitle.slice(0, LONGEST_TITLE) },
    ...valuesOf(form), honeypot: form.trap.value, form_token: thread.data.token,
    ...(parent && { parent }), ...(work && { work }),
  };
};

/** The answer, however often it takes. Throws where there is none. @param {any} form @returns {Promise<Response>} */
const post = async form => {
  const { base, key } = form.thread;
  const headers = { 'Content-Type': 'application/json', 'X-Api-Key': key, 'Idempotency-Key': form.attempt.key };
  for (let tried = 0; ; tried++) {
    const isLast = tried >= PAUSES_MS.length;
    try {
      const asked = { method: 'POST', headers, body: form.attempt.body, signal: AbortSignal.timeout(POST_WITHIN_MS) };
      const answer = await fetch(`${base}api/v1/comments`, asked);
      if (answer.status !== 503 || isLast) return answer;
    } catch (error) {
      if (isLast && navigator.onLine) throw error;
    }
    await rest(form, PAUSES_MS[tried]);
  }
};

/** Wait; without a connection until there is one. @param {any} form @param {number} ms */
const rest = async (form, ms) => {
  if (navigator.onLine) {
    form.thread.say('slow');
    return new Promise(go => setTimeout(go, ms));
  }
  tell(form, form.thread.t('offline'));
  await new Promise(go => addEventListener('online', go, { once: true }));
  tell(form, '');
};

/** It is stored: show it, and empty the form. @param {any} form @param {any} told
 * @param {typeof import('./embed-sent.js').follow} follow */
const accept = (form, told, follow) => {
  const { thread, inputs, keep, parent, preview } = form;
  const { body, name, email, website } = valuesOf(form);
  store.write('me', keep.checked && { name, email, website });
  inputs.body.value = '';
  form.workUntil = 0;
  answer(form);
  preview?.remove();
  type(form);
  follow(thread, { ...told, parent, text: body.trim(), name: name.trim() });
};

/** Say what the service objects to. @param {any} form @param {any} problem @param {Response} answer */
const refuse = (form, { errors = [], code, detail }, { headers }) => {
  const { thread, inputs } = form;
  const fields = errors.map(({ field }) => field).filter(field => inputs[field]);
  for (const { field, code: what, message } of errors)
    if (inputs[field]) mark(form, field, know(thread, nameOf(field, what)) || message);
  const isOrphan = errors.some(({ field }) => field === 'parent');
  if (isOrphan) answer(form);
  const known = know(thread, code, { n: Number(headers.get('Retry-After')) });
  tell(form, isOrphan ? thread.t('orphan') : fields.length ? thread.t('mend') : known || detail || thread.t('unsent'), fields);
};

/** The message of a code, if it needs no values that only the service knows.
 * @param {any} thread @param {string} code @param {any} [values] */
const know = (thread, code, values) =>
  code !== 'too_long' && Object.hasOwn(MESSAGES, code) ? thread.t(code, values) : '';

/** The message for what the service objects to in a field. @param {string} field @param {string} code */
const nameOf = (field, code) => {
  if (code === 'required' || field === 'email') return `need_${field}`;
  return code === 'invalid' ? 'bad_website' : code;
};
