import { expect, test } from "bun:test";
import { configurationMark } from "../../../src/cli/edge/configuration-mark.ts";
import { buildEdgeConfig } from "../../../src/config/edge-config.ts";
import type { EdgeLayer } from "../../../src/config/edge-layer.ts";

const MACHINE = { platform: "linux", environment: {}, home: "/home/ann", isRoot: false } as const;

function markOf(layer: EdgeLayer): string {
  return configurationMark(buildEdgeConfig([{ domain: ["edge.test"], ...layer }], MACHINE));
}

test.each<[string, EdgeLayer, boolean]>([
  ["the same", {}, true],
  ["other tokens", { authtoken: ["a-made-up-token"] }, true],
  ["another region", { region: ["eu"] }, false],
  ["other networks", { "trusted-proxies": ["10.0.0.0/8"] }, false],
  ["another number of processes", { workers: ["3"] }, false],
])("configurationMark compares configurations: %s", (_, layer, isSame) => {
  expect(markOf(layer) === markOf({})).toBe(isSame);
});
