/**
 * The proof of work of a comment form, by ALTCHA's second protocol with PBKDF2. The browser computes the keys on
 * threads of its own, so it needs no worker, which a strict policy of the host page might refuse, and the page
 * is never blocked: between two keys there is only the comparison of a few bytes.
 */

const FETCH_WITHIN_MS = 10_000;
const SOLVE_WITHIN_MS = 90_000;

/** @param {string} hex @returns {Uint8Array} */
const toBytes = (hex) => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** @param {Uint8Array} bytes @returns {string} */
const toHex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');

/**
 * The key of one number.
 * @param {{salt: string, nonce: string, cost: number, keyLength: number}} parameters
 * @param {number} counter
 * @returns {Promise<string>}
 */
async function deriveKey({ salt, nonce, cost, keyLength }, counter) {
  const password = new Uint8Array(nonce.length / 2 + 4);
  password.set(toBytes(nonce));
  new DataView(password.buffer).setUint32(nonce.length / 2, counter);
  const key = await crypto.subtle.importKey('raw', password, 'PBKDF2', false, ['deriveBits']);
  const how = { name: 'PBKDF2', hash: 'SHA-256', salt: toBytes(salt), iterations: cost };
  return toHex(new Uint8Array(await crypto.subtle.deriveBits(how, key, keyLength * 8)));
}

/**
 * Fetch a challenge and solve it: a second or a few. Each call gives a new solution, good for one comment.
 * @param {string} challengeUrl
 * @returns {Promise<string>} what goes into the field `work` of the API, or `altcha` of the form
 * @throws {Error} if there is no challenge, or if this browser cannot solve it (it can only on https pages)
 */
export async function solve(challengeUrl) {
  const options = /** @type {RequestInit} */ ({ credentials: 'omit', cache: 'no-store' });
  const response = await fetch(challengeUrl, { ...options, signal: AbortSignal.timeout(FETCH_WITHIN_MS) });
  if (!response.ok) throw new Error(`no challenge: ${response.status}`);
  const challenge = await response.json();
  const { parameters } = challenge;
  if (parameters.algorithm !== 'PBKDF2/SHA-256') throw new Error(`unknown: ${parameters.algorithm}`);
  const began = performance.now();
  let next = 0;
  let solution;
  const search = async () => {
    while (!solution) {
      const counter = next++;
      const derivedKey = await deriveKey(parameters, counter);
      const time = Math.round(performance.now() - began);
      if (derivedKey.startsWith(parameters.keyPrefix)) solution = { counter, derivedKey, time };
      else if (time > SOLVE_WITHIN_MS) throw new Error('not solved in time');
    }
  };
  // One core is left to the page.
  const lanes = Math.min(4, Math.max(1, (navigator.hardwareConcurrency || 2) - 1));
  await Promise.all(Array.from({ length: lanes }, search));
  return btoa(JSON.stringify({ challenge, solution }));
}
