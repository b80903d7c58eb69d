/**
 * Solves the challenge of the server-rendered form while its reader types. Without this script the form works
 * as well, and a moderator looks at what it sends.
 */

import { solve } from './embed-work.js';

const RENEW_AFTER_MS = 100 * 60_000; // a solution counts for two hours
const WAIT_AT_MOST_MS = 20_000;

/** @param {HTMLInputElement} input the field for the solution */
function attend(input) {
  const form = /** @type {HTMLFormElement} */ (input.form);
  /** @type {Promise<void> | undefined} */
  let work;
  let isWaiting = false;

  const begin = () => {
    work ??= solve(/** @type {string} */ (input.dataset.challenge)).then(
      (solution) => {
        input.value = solution;
        setTimeout(renew, RENEW_AFTER_MS);
      },
      () => {}, // it is sent without
    );
    return work;
  };
  const reset = () => {
    input.value = '';
    work = undefined;
    isWaiting = false;
  };
  const renew = () => {
    reset();
    begin();
  };

  form.addEventListener('input', begin);
  form.addEventListener('submit', async (event) => {
    if (input.value) return;
    event.preventDefault();
    if (isWaiting) return;
    isWaiting = true;
    await Promise.race([begin(), new Promise((resolve) => setTimeout(resolve, WAIT_AT_MOST_MS))]);
    HTMLFormElement.prototype.submit.call(form); // the button's name hides the form's own method
  });
  // Going back shows the form as it was sent, with a solution that is used up.
  addEventListener('pageshow', (event) => {
    if (event.persisted) reset();
  });
}

document.querySelectorAll('input[data-challenge]').forEach((each) => attend(/** @type {HTMLInputElement} */ (each)));
