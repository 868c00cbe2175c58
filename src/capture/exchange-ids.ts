import { randomHex } from "../base/random.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Enough for seconds until far beyond the year 3000, and for more exchanges than an agent ever sees. */
const COUNTER_CHARS = 6;
const ID_CHARS = 27;

/**
 * Ids of exchanges: `airt_` and 27 base62 characters. They ascend as text, whatever the wall clock does, and those of
 * two runs of the agent differ. Made by counting alone: there is one for each request.
 */
export class ExchangeIds {
  readonly #run = base62Text(randomHex(8));
  #seconds = 0;
  #secondsText = "";
  #count = 0;

  next(now: Date): string {
    const seconds = Math.floor(now.getTime() / 1000);
    if (seconds > this.#seconds) {
      this.#seconds = seconds;
      this.#secondsText = counter(seconds);
    }
    return `airt_${this.#secondsText}${counter(this.#count++)}${this.#run}`;
  }
}

function counter(value: number): string {
  let text = "";
  for (let rest = value, i = 0; i < COUNTER_CHARS; i++, rest = Math.floor(rest / 62)) {
    text = BASE62.charAt(rest % 62) + text;
  }
  return text;
}

function base62Text(hex: string): string {
  let text = "";
  for (let rest = BigInt(`0x${hex}`); rest > 0n; rest /= 62n) text = BASE62.charAt(Number(rest % 62n)) + text;
  return text.padStart(ID_CHARS - 2 * COUNTER_CHARS, "0");
}
