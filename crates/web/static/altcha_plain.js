// PBKDF2 with SHA-256 for pages over plain HTTP, where browsers keep their own to themselves
// (RFC 8018, FIPS 180-4). It works in slices, so that typing stays smooth.

const SLICE_MS = 8;

const primes = [];
for (let number = 2; primes.length < 64; number += 1) {
  if (primes.every((prime) => number % prime)) primes.push(number);
}
const fractions = (roots) => Int32Array.from(roots, (root) => (root % 1) * 2 ** 32);
const START = fractions(primes.slice(0, 8).map(Math.sqrt));
const ROUND = fractions(primes.map(Math.cbrt));
const w = new Int32Array(64);

/** Writes what becomes of a state by a block of 16 words into the first 8 words of `out`. */
function compress(state, block, out) {
  // By name: taking the array apart and putting it together would take half of the time.
  let a = state[0];
  let b = state[1];
  let c = state[2];
  let d = state[3];
  let e = state[4];
  let f = state[5];
  let g = state[6];
  let h = state[7];
  for (let i = 0; i < 64; i += 1) {
    if (i < 16) w[i] = block[i];
    else {
      const x = w[i - 15];
      const y = w[i - 2];
      w[i] =
        w[i - 16] + ((x >>> 7 | x << 25) ^ (x >>> 18 | x << 14) ^ x >>> 3) +
        w[i - 7] + ((y >>> 17 | y << 15) ^ (y >>> 19 | y << 13) ^ y >>> 10);
    }
    const one =
      h + ((e >>> 6 | e << 26) ^ (e >>> 11 | e << 21) ^ (e >>> 25 | e << 7)) +
      (e & f ^ ~e & g) + ROUND[i] + w[i] | 0;
    const two =
      ((a >>> 2 | a << 30) ^ (a >>> 13 | a << 19) ^ (a >>> 22 | a << 10)) +
      (a & b ^ a & c ^ b & c) | 0;
    h = g;
    g = f;
    f = e;
    e = d + one | 0;
    d = c;
    c = b;
    b = a;
    a = one + two | 0;
  }
  out[0] = state[0] + a;
  out[1] = state[1] + b;
  out[2] = state[2] + c;
  out[3] = state[3] + d;
  out[4] = state[4] + e;
  out[5] = state[5] + f;
  out[6] = state[6] + g;
  out[7] = state[7] + h;
}

/** A block that holds these bytes, and whatever `finish` adds. */
function blockOf(bytes, finish) {
  const view = new DataView(new ArrayBuffer(64));
  bytes.forEach((byte, at) => view.setUint8(at, byte));
  finish(view);
  return Int32Array.from({ length: 16 }, (_, i) => view.getInt32(i * 4));
}

/** The end of a message of which one block came already. */
const lastBlock = (bytes) =>
  blockOf(bytes, (view) => {
    view.setUint8(bytes.length, 0x80);
    view.setUint32(60, (64 + bytes.length) * 8);
  });

let sliceBegan = performance.now();

/** 32 bytes of key, as the browser's own gives; for passwords and salts of up to 51 bytes. */
export async function derive(password, salt, iterations) {
  if (password.length > 51 || salt.length > 51) throw new Error("too long");
  const [inner, outer] = [0x36, 0x5c].map((pad) => {
    const padded = Array.from({ length: 64 }, (_, i) => (password[i] ?? 0) ^ pad);
    const state = new Int32Array(8);
    compress(START, blockOf(padded, () => {}), state);
    return state;
  });
  // Its first half is what each round begins with and ends in.
  const block = lastBlock(new Uint8Array(32));
  const key = new Int32Array(8);
  for (let i = 0; i < iterations; i += 1) {
    compress(inner, i ? block : lastBlock([...salt, 0, 0, 0, 1]), block);
    compress(outer, block, block);
    for (let at = 0; at < 8; at += 1) key[at] ^= block[at];
  }
  if (performance.now() - sliceBegan > SLICE_MS) {
    await new Promise((resume) => setTimeout(resume));
    sliceBegan = performance.now();
  }
  return Uint8Array.from([...key].flatMap((word) => [word >> 24, word >> 16, word >> 8, word]));
}
