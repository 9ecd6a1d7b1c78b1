// The frame that apps keep hidden in their pages (OpenID Connect Session Management 3.2). An app posts
// "<client_id> <session_state>" and hears whether the person's login here is what it was then: "unchanged", "changed",
// or "error" where nothing can be said. The issuer is asked nothing, however often it is posted to.
"use strict";

const cookieName = document.querySelector("meta[name=browser-state-cookie]").content;
const messageCharactersMax = 2048;
// More than any app needs, which asks every few seconds; what comes above is dropped.
const answersPerSecondMax = 20;
const answersSince = { began: 0, count: 0 };

// FIPS 180-4, 4.2.2: of the cube roots of the first 64 primes.
const roundConstants = [
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
  0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
  0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
  0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
  0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
  0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
  0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
  0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2];

function rotated(word, bits) {
  return (word >>> bits) | (word << (32 - bits));
}

// 5.1.1 and 5.2.1: the blocks of 16 words of an ASCII text, padded.
function blocksOf(text) {
  const words = new Array((((text.length + 8) >> 6) + 1) * 16).fill(0);
  for (let i = 0; i < text.length; i += 1) words[i >> 2] |= text.charCodeAt(i) << (24 - (i % 4) * 8);
  words[text.length >> 2] |= 0x80 << (24 - (text.length % 4) * 8);
  words[words.length - 1] = text.length * 8;
  const blocks = [];
  for (let i = 0; i < words.length; i += 16) blocks.push(words.slice(i, i + 16));
  return blocks;
}

// 6.2.2, steps 1 to 4.
function absorbed(hash, block) {
  const w = block.slice();
  for (let t = 16; t < 64; t += 1) {
    const s0 = rotated(w[t - 15], 7) ^ rotated(w[t - 15], 18) ^ (w[t - 15] >>> 3);
    const s1 = rotated(w[t - 2], 17) ^ rotated(w[t - 2], 19) ^ (w[t - 2] >>> 10);
    w[t] = (w[t - 16] + s0 + w[t - 7] + s1) | 0;
  }
  let [a, b, c, d, e, f, g, h] = hash;
  for (let t = 0; t < 64; t += 1) {
    const s1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25);
    const first = (h + s1 + ((e & f) ^ (~e & g)) + roundConstants[t] + w[t]) | 0;
    const s0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22);
    const second = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
    [a, b, c, d, e, f, g, h] = [(first + second) | 0, a, b, c, (d + first) | 0, e, f, g];
  }
  return [a, b, c, d, e, f, g, h].map((word, i) => (word + hash[i]) | 0);
}

// SHA-256 of an ASCII text, as base64url.
function sha256(text) {
  const initial = [0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19];
  let bytes = "";
  for (const word of blocksOf(text).reduce(absorbed, initial)) {
    bytes += String.fromCharCode(word >>> 24, (word >>> 16) & 255, (word >>> 8) & 255, word & 255);
  }
  return btoa(bytes).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

// The origin of the page that holds this frame; "" where the browser does not say.
function originOfParent() {
  if (location.ancestorOrigins && location.ancestorOrigins.length > 0) return location.ancestorOrigins[0];
  return document.referrer === "" ? "" : new URL(document.referrer).origin;
}

// 3.2: the caller has the origin of the page that holds this frame. It is that page, or another frame in it.
const parentOrigin = originOfParent();
function mayAsk(event) {
  if (window.parent === window || !event.source || event.origin === "null") return false;
  return event.source === window.parent || event.origin === parentOrigin;
}

function isTooOften() {
  const now = performance.now();
  if (now - answersSince.began >= 1000) Object.assign(answersSince, { began: now, count: 0 });
  answersSince.count += 1;
  return answersSince.count > answersPerSecondMax;
}

// "" where there is no such cookie: the issuer sets one with every answer, so the browser hides it from frames of
// other sites.
function browserState() {
  const found = document.cookie.split("; ").filter((pair) => pair.startsWith(`${cookieName}=`));
  return found.length === 1 ? found[0].slice(cookieName.length + 1) : "";
}

function answerTo(message, origin) {
  if (typeof message !== "string" || message.length > messageCharactersMax) return "error";
  const parts = /^([\x20-\x7e]+) ([\x21-\x7e]+)$/.exec(message);
  const state = browserState();
  // "changed" would send the app to ask the issuer again and again (5.1).
  if (!parts || state === "") return "error";
  const [, clientId, sessionState] = parts;
  const salt = sessionState.slice(sessionState.indexOf(".") + 1);
  const expected = `${sha256(`${clientId} ${origin} ${state} ${salt}`)}.${salt}`;
  return sessionState === expected ? "unchanged" : "changed";
}

window.addEventListener("message", (event) => {
  if (!mayAsk(event) || isTooOften()) return;
  event.source.postMessage(answerTo(event.data, event.origin), event.origin);
});
