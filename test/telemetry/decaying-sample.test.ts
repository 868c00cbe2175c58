import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { DecayingSample } from "../../src/telemetry/decaying-sample.ts";

const DEEP = process.env["DEEP"] === "1";
const SAMPLE_SIZE = 1028;

/** Priority is then age alone: the sample holds the latest. */
const always = (): number => 0;

/** Section 7.2.6.2 of the NIST/SEMATECH handbook, which finds 95.1981 for 90 %. */
const MEASUREMENTS = [
  95.1772, 95.1567, 95.1937, 95.1959, 95.1442, 95.061, 95.1591, 95.1195, 95.1065, 95.0925, 95.199, 95.1682,
];

/** Deterministic, evenly spread in [0, 1): a multiplicative generator over 31 bits. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 48_271) % 2_147_483_647;
    return state / 2_147_483_647;
  };
}

function sampleOf(values: readonly number[]): DecayingSample {
  const sample = new DecayingSample(always);
  for (const value of values) sample.add(value, 0);
  return sample;
}

function upTo(count: number): readonly number[] {
  return Array.from({ length: count }, (_, index) => index + 1);
}

/** Everything that the sample holds, in order. */
function contents(sample: DecayingSample, size: number): readonly number[] {
  return sample.percentiles(upTo(size).map((rank) => rank / (size + 1))).map((value) => Math.round(value));
}

describe("DecayingSample, percentiles", () => {
  // Ranks by share * (n + 1), as in the handbook.
  test.each([
    ["nothing", [], [0, 0, 0, 0]],
    ["one value", [7], [7, 7, 7, 7]],
    ["two values", [10, 20], [15, 20, 20, 20]],
    ["five values in disorder", [5, 1, 2, 3, 4], [3, 5, 5, 5]],
    ["twelve measurements of the handbook", MEASUREMENTS, [95.1579, 95.19807, 95.199, 95.199]],
    ["a hundred", upTo(100), [50.5, 90.9, 95.95, 99.99]],
    ["a full sample", upTo(SAMPLE_SIZE), [514.5, 926.1, 977.55, 1018.71]],
  ])("DecayingSample of %s", (_, values, expected) => {
    const found = sampleOf(values).percentiles([0.5, 0.9, 0.95, 0.99]);
    for (const [index, value] of expected.entries()) expect(found[index]).toBeCloseTo(value, 5);
  });

  test("DecayingSample has its least and greatest value at the ends", () => {
    expect(sampleOf([5, 1, 3]).percentiles([0, 1])).toEqual([1, 5]);
  });

  test("DecayingSample rises with the share, and stays between its values", () => {
    const shares = [0, 0.01, 0.25, 0.5, 0.75, 0.9, 0.95, 0.99, 0.999, 1];
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: 0, max: 1e15 }), { minLength: 1, maxLength: 1500 }),
        fc.array(fc.double({ noNaN: true, min: -1e9, max: 1e9 }), { minLength: 1, maxLength: 9 }),
        fc.integer({ min: 1, max: 1e9 }),
        (values, times, seed) => {
          const sample = new DecayingSample(seeded(seed));
          for (const [index, value] of values.entries()) sample.add(value, times[index % times.length] ?? 0);
          const found = sample.percentiles(shares);
          expect(found).toEqual(found.toSorted((a, b) => a - b));
          expect(found[0]).toBeGreaterThanOrEqual(Math.min(...values));
          expect(found.at(-1)).toBeLessThanOrEqual(Math.max(...values));
          expect(sample.count).toBe(values.length);
        },
      ),
      { numRuns: DEEP ? 2_000 : 50 },
    );
  });
});

describe("DecayingSample, what it holds", () => {
  test("DecayingSample counts and sums also what it has let go", () => {
    const sample = sampleOf(upTo(5000));
    expect([sample.count, sample.sum]).toEqual([5000, 12_502_500]);
  });

  test("DecayingSample prefers what is later", () => {
    const sample = new DecayingSample(always);
    for (const value of upTo(5000)) sample.add(value, value * 10);
    expect(contents(sample, SAMPLE_SIZE)).toEqual(upTo(5000).slice(-SAMPLE_SIZE));
  });

  test("DecayingSample holds the values of greatest priority, in whatever order they come", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 1e9 }), fc.integer({ min: 1, max: 3000 }), (seed, count) => {
        const drawn = seeded(seed);
        const randoms = upTo(count).map(() => drawn());
        let next = 0;
        const sample = new DecayingSample(() => randoms[next++] ?? 0);
        for (const value of upTo(count)) sample.add(value, 0);
        // At one time the priority is the random number alone.
        const held = upTo(count)
          .toSorted((a, b) => (randoms[b - 1] ?? 0) - (randoms[a - 1] ?? 0))
          .slice(0, SAMPLE_SIZE)
          .toSorted((a, b) => a - b);
        expect(contents(sample, held.length)).toEqual(held);
      }),
      { numRuns: DEEP ? 2_000 : 30 },
    );
  });

  test("DecayingSample gives a value half the weight after 46.2 seconds", () => {
    const sample = new DecayingSample(seeded(42));
    for (let i = 0; i < 50_000; i++) sample.add(0, 0);
    for (let i = 0; i < 50_000; i++) sample.add(1, (Math.LN2 / 0.015) * 1_000);
    const share = contents(sample, SAMPLE_SIZE).filter((value) => value === 1).length / SAMPLE_SIZE;
    expect(share).toBeWithin(0.63, 0.7);
  });

  test("DecayingSample has forgotten after an hour of other values, also months later", () => {
    const sample = new DecayingSample(seeded(1));
    for (let month = 0; month < 24; month++) {
      const startMs = month * 30 * 86_400_000;
      for (let i = 0; i < SAMPLE_SIZE; i++) sample.add(month, startMs + i * 3_500);
      expect(sample.percentiles([0.01, 0.99])).toEqual([month, month]);
    }
  });

  test("DecayingSample takes new values after the clock went back", () => {
    const sample = new DecayingSample(always);
    for (let i = 0; i < SAMPLE_SIZE; i++) sample.add(1, 1e9 + i);
    for (let i = 1; i <= SAMPLE_SIZE; i++) sample.add(2, i);
    expect(sample.percentiles([0.01, 0.99])).toEqual([2, 2]);
  });

  test.each([Number.NaN, Infinity, -Infinity])("DecayingSample leaves %d out", (value) => {
    const sample = sampleOf([3]);
    sample.add(value, 0);
    expect([sample.count, sample.sum, ...sample.percentiles([0.5])]).toEqual([1, 3, 3]);
  });

  test("DecayingSample stands a random number at the very ends of its range", () => {
    const ends = [0, 1 - Number.EPSILON / 2];
    const sample = new DecayingSample(() => ends[sample.count % 2] ?? 0);
    for (const value of upTo(3000)) sample.add(value, value);
    expect(sample.percentiles([1])[0]).toBeWithin(1, 3001);
  });
});
