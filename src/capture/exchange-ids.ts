import { randomHex } from "../base/random.ts";

const BASE62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** Enough for seconds until far beyond the year 3000, and for more exchanges than an agent ever sees. */
const COUNTER_CHARS = 6;
const ID_CHARS = 27;
const PREFIX = "airt_";

/**
 * Ids of the exchanges of one run of the agent: `airt_` and 27 base62 characters, of the second in which the run began, a
 * serial number, and chance. They ascend as text with the serial numbers, and those of two runs differ.
 */
export class ExchangeIds {
  readonly #start: string;
  readonly #end = base62Text(randomHex(8));

  constructor(begunAt: Date) {
    this.#start = PREFIX + counter(Math.floor(begunAt.getTime() / 1000));
  }

  idOf(serial: number): string {
    return this.#start + counter(serial) + this.#end;
  }

  /** Undefined when it is no id of this run. */
  serialOf(id: string): number | undefined {
    let serial = 0;
    for (const char of id.slice(this.#start.length, -this.#end.length)) serial = serial * 62 + BASE62.indexOf(char);
    return this.idOf(serial) === id ? serial : undefined;
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
