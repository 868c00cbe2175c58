import { describe, expect, test } from "bun:test";
import { layoutName } from "./layouts/layout.ts";
import { benchHelp, type BenchOptions, benchOptions as optionsOf } from "./options.ts";

const benchOptions = (args: readonly string[]): BenchOptions => optionsOf(args, "reno");

function casesOf(options: BenchOptions): readonly (readonly string[])[] {
  return options.layouts.map((layout) => options.casesIn(layout));
}

describe("benchOptions", () => {
  test("without words is a short run on loopback", () => {
    const options = benchOptions([]);
    expect(options.layouts.map(layoutName)).toEqual(["loopback"]);
    expect(casesOf(options)).toEqual([["https-50", "bulk-down-1", "open-loop-2000", "start-up"]]);
    expect(options.systems).toEqual(["direct", "ginnel", "ssh", "haproxy"]);
    expect(options).toMatchObject({ rounds: 3, isPinned: true, isFull: false, json: undefined });
  });

  test.each([
    ["a whole name", ["bulk-up-1"], ["bulk-up-1"]],
    ["the beginning of names", ["memory", "idle-http"], ["memory-edge", "memory-agent", "idle-http"]],
    ["one case twice", ["memory-edge", "memory"], ["memory-edge", "memory-agent"]],
  ])("finds cases by %s", (_, args, expected) => {
    expect(casesOf(benchOptions(args))).toEqual([expected]);
  });

  test("makes a layout of each round trip with each loss", () => {
    const { layouts } = benchOptions([
      "--layout",
      "namespaces,line",
      "--rtt",
      "20,50",
      "--loss=0,0.5",
      "--rate",
      "100",
    ]);
    expect(layouts.map(layoutName)).toEqual([
      "namespaces",
      "line 20 ms, 0 % lost, 100 Mbit/s",
      "line 20 ms, 0.5 % lost, 100 Mbit/s",
      "line 50 ms, 0 % lost, 100 Mbit/s",
      "line 50 ms, 0.5 % lost, 100 Mbit/s",
    ]);
  });

  test("measures the program itself on loopback alone", () => {
    expect(casesOf(benchOptions(["size", "grpc", "--layout", "loopback,namespaces"]))).toEqual([
      ["size", "grpc"],
      ["grpc"],
    ]);
  });

  test("pins one congestion control", () => {
    const kinds = ["--layout", "loopback,line"];
    expect(benchOptions(kinds).layouts.map(({ congestion }) => congestion)).toEqual(["reno", "reno"]);
    const { layouts } = benchOptions([...kinds, "--congestion", "bbr"]);
    expect(layouts.map(({ congestion }) => congestion)).toEqual(["bbr", "bbr"]);
  });

  test("is everything with --full, as large as the goals say", () => {
    const options = benchOptions(["--full", "--soak", "2"]);
    expect(options.layouts).toHaveLength(11);
    expect(casesOf(options)[0]).toContain("soak");
    expect(casesOf(options)[10]).toContain("recovery-silence");
    expect(options.systems).toContain("localtunnel");
    expect(options.extent).toEqual({
      seconds: 4,
      soakSeconds: 120,
      websockets: 10_000,
      agents: 2000,
      stuckVisitors: 1000,
    });
  });

  test.each([
    [["nothing"], "there is no case nothing, but http-1,"],
    [["--systems", "ssh,teleport"], "--systems: teleport is none of direct, ginnel"],
    [["--layout", "moon"], "--layout: moon is none of loopback, namespaces, line"],
    [["--rtt", "20,fast"], '--rtt: "fast" is not a number of 0 or more'],
    [["--loss", "-1"], "--loss"],
    [["--rounds", ""], '--rounds: "" is not a number of 0 or more'],
    [["--quick"], "--quick"],
  ])("refuses %p", (args, expected) => {
    expect(() => benchOptions(args)).toThrow(expected);
  });
});

test("benchHelp names every option, layout, system and case", () => {
  const help = benchHelp();
  for (const word of ["--soak MINUTES", "namespaces", "localtunnel", "recovery-address", "start-up"]) {
    expect(help).toContain(`\n  ${word} `);
  }
});
