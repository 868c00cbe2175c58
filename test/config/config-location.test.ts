import { expect, test } from "bun:test";
import { chooseHome, defaultDataDir, locateConfig, type Surroundings } from "../../src/config/config-location.ts";

const LINUX: Surroundings = { platform: "linux", environment: {}, home: "/home/ann", isRoot: false };

test.each([
  [["a.yml"], {}, "flag", ["a.yml"]],
  [["a.yml,b.yml", "c.yml", "a.yml"], {}, "flag", ["a.yml", "b.yml", "c.yml"]],
  [["a.yml"], { NGROK_CONFIG: "b.yml" }, "flag", ["a.yml"]],
  [[], { NGROK_CONFIG: "b.yml", GINNEL_CONFIG: "c.yml" }, "environment", ["b.yml"]],
  [[], { GINNEL_CONFIG: "c.yml,d.yml" }, "environment", ["c.yml", "d.yml"]],
] as const)("locateConfig with --config %j and %j", (flags, environment, origin, paths) => {
  expect(locateConfig(flags, { ...LINUX, environment })).toEqual({ origin, paths: [...paths] });
});

test.each([
  [
    "linux",
    {},
    "/home/ann",
    ["/home/ann/.config/ginnel/ginnel.yml", "/home/ann/.config/ngrok/ngrok.yml", "/home/ann/.ngrok2/ngrok.yml"],
  ],
  [
    "linux",
    { XDG_CONFIG_HOME: "/x" },
    "/home/ann",
    ["/x/ginnel/ginnel.yml", "/x/ngrok/ngrok.yml", "/home/ann/.ngrok2/ngrok.yml"],
  ],
  ["linux", { XDG_CONFIG_HOME: "relative" }, undefined, []],
  [
    "darwin",
    {},
    "/Users/ann",
    [
      "/Users/ann/Library/Application Support/ginnel/ginnel.yml",
      "/Users/ann/Library/Application Support/ngrok/ngrok.yml",
      "/Users/ann/.ngrok2/ngrok.yml",
    ],
  ],
  [
    "win32",
    { LOCALAPPDATA: "D:\\Local" },
    "C:\\Users\\ann",
    ["D:\\Local\\ginnel\\ginnel.yml", "D:\\Local\\ngrok\\ngrok.yml", "C:\\Users\\ann\\.ngrok2\\ngrok.yml"],
  ],
] as const)("locateConfig looks on %s with %j and home %p", (platform, environment, home, paths) => {
  const location = locateConfig([], { platform, environment, home, isRoot: false });
  expect(location).toEqual({ origin: "default", paths: [...paths] });
});

test.each([
  ["$HOME of the user", { variable: "/tmp/h", isVariableOwned: true, recorded: "/home/ann", isSudo: false }, "/tmp/h"],
  ["a foreign $HOME", { variable: "/root", isVariableOwned: false, recorded: "/home/ann", isSudo: false }, "/home/ann"],
  ["a relative $HOME", { variable: "h", isVariableOwned: true, recorded: "/home/ann", isSudo: false }, "/home/ann"],
  ["sudo", { variable: "/home/ann", isVariableOwned: true, recorded: "/root", isSudo: true }, "/root"],
  ["no record", { variable: "/data", isVariableOwned: false, recorded: undefined, isSudo: false }, "/data"],
  ["nothing", { variable: undefined, isVariableOwned: false, recorded: undefined, isSudo: false }, undefined],
] as const)("chooseHome with %s", (_, facts, home) => {
  expect(chooseHome(facts)).toBe(home as string);
});

test.each([
  [{ ...LINUX, isRoot: true }, "/var/lib/ginnel"],
  [{ ...LINUX, isRoot: true, environment: { XDG_STATE_HOME: "/state" } }, "/state/ginnel"],
  [LINUX, "/home/ann/.local/state/ginnel"],
  [{ ...LINUX, environment: { XDG_STATE_HOME: "/state" } }, "/state/ginnel"],
  [{ ...LINUX, platform: "darwin" }, "/home/ann/Library/Application Support/ginnel/edge"],
  [{ ...LINUX, platform: "win32", home: "C:\\ann" }, "C:\\ann\\AppData\\Local\\ginnel\\edge"],
] as const)("defaultDataDir of %j", (surroundings, folder) => {
  expect(defaultDataDir(surroundings)).toBe(folder);
});

test("defaultDataDir asks for --data when there is no home", () => {
  expect(() => defaultDataDir({ ...LINUX, home: undefined })).toThrow("--data");
});
