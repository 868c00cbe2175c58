import * as fc from "fast-check";

const LAST = 0x10_ffff;
const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * A unit for `fc.string`: any code point that is a character, small ones more often. The library's own `binary` does the same, but makes itself
 * ready for a second in every file that uses it.
 */
export const anyCharacter: fc.Arbitrary<string> = fc
  .integer({ min: 0, max: LAST - SURROGATES.count })
  .map((number) => String.fromCodePoint(number < SURROGATES.first ? number : number + SURROGATES.count));
