import { describe, expect, test } from "bun:test";
import { MAX_LEGS, type Placement, placeLeg, wantedLegs } from "../../src/agent/leg-placement.ts";

describe("placeLeg", () => {
  test.each<[string, number, { worker: number; workers: number }, readonly (number | undefined)[], Placement]>([
    ["the first session", 0, { worker: 1, workers: 2 }, [], "keep"],
    ["a further leg in a process without any", 1, { worker: 2, workers: 2 }, [1], "keep"],
    ["a further leg beside another one", 1, { worker: 1, workers: 2 }, [1], "elsewhere"],
    ["the first leg, back beside another one", 0, { worker: 2, workers: 2 }, [undefined, 2], "elsewhere"],
    ["the first leg, back at one process", 0, { worker: 1, workers: 1 }, [1, 2], "keep"],
    ["the first leg, back at an edge that does not say", 0, { worker: 0, workers: 0 }, [1], "keep"],
    ["a further leg at an edge that does not say", 1, { worker: 0, workers: 0 }, [1], "surplus"],
    ["a further leg at one process", 1, { worker: 1, workers: 1 }, [], "surplus"],
    ["the third leg at two processes", 2, { worker: 2, workers: 2 }, [1], "surplus"],
    ["one leg more than there ever are", MAX_LEGS, { worker: 9, workers: 99 }, [1], "surplus"],
    ["a process without a number among several", 1, { worker: 0, workers: 2 }, [undefined, 0], "keep"],
  ])("of %s", (_, number, process, held, placement) => {
    expect(placeLeg(number, process, new Set(held))).toBe(placement);
  });
});

test.each([
  [0, 1],
  [1, 1],
  [2, 2],
  [4, 4],
  [64, MAX_LEGS],
])("wantedLegs at %p processes are %p", (workers, legs) => {
  expect(wantedLegs(workers)).toBe(legs);
});
