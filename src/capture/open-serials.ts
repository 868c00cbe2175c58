/** Numbers of exchanges that are over are taken out when there are so many of them, and as many as there are open ones. */
const SPENT_PLACES = 1_024;

/**
 * The serial numbers of the exchanges that are open, in the order of their starts. There are few at a time, and very many one
 * after the other.
 */
export class OpenSerials {
  readonly #isOpen: (serial: number) => boolean;
  #serials: number[] = [];
  #count = 0;

  constructor(isOpen: (serial: number) => boolean) {
    this.#isOpen = isOpen;
  }

  get oldest(): number | undefined {
    const place = this.#serials.findIndex(this.#isOpen);
    const oldest = this.#serials[place];
    if (place > SPENT_PLACES) this.#serials.splice(0, place);
    return oldest;
  }

  add(serial: number): void {
    this.#count += 1;
    this.#serials.push(serial);
    if (this.#serials.length > 2 * this.#count + SPENT_PLACES) this.#serials = this.#serials.filter(this.#isOpen);
  }

  /** To be called once for each that is open no longer. */
  left(): void {
    this.#count -= 1;
  }

  clear(): void {
    this.#serials = [];
    this.#count = 0;
  }
}
