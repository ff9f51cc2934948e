// Asks again and again until there is an answer, or the deadline has passed.
import { setTimeout as pause } from 'node:timers/promises';

/** Resolves with the first truthy result of `ask`; an error of `ask` ends the wait. */
export async function until(what, ask, { timeoutMs = 10_000, everyMs = 20 } = {}) {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer;
    if (Date.now() > deadline) throw new Error(`gave up after ${timeoutMs} ms waiting for ${what}`);
    await pause(everyMs);
  }
}
