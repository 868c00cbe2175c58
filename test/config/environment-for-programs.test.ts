import { describe, expect, test } from "bun:test";
import { EDGE_SETTINGS, type EdgeSetting } from "../../src/config/edge-settings.ts";
import { environmentForPrograms } from "../../src/config/environment-for-programs.ts";

/** Settings whose help says that other users must not see the value. */
const CONFIDED = Object.entries<EdgeSetting<unknown>>(EDGE_SETTINGS).filter(([, { help }]) =>
  help.includes("out of the process list"),
);

describe("environmentForPrograms", () => {
  test.each([
    ...CONFIDED.map(([name]) => `GINNEL_${name.replaceAll("-", "_").toUpperCase()}`),
    "GINNEL_ACME",
    "GINNEL_AUTHTOKEN",
    "GINNEL_API_KEY",
    "NGROK_AUTHTOKEN",
    "NGROK_API_KEY",
    "ginnel_authtoken",
  ])("keeps %s from programs", (name) => {
    expect(environmentForPrograms({ [name]: "secret", HOME: "/home/ann" })).toEqual({ HOME: "/home/ann" });
  });

  test("leaves all others as they are, and knows secrets of the edge at all", () => {
    const others = {
      PATH: "/bin",
      GINNEL_DOMAIN: "a.test",
      GINNEL_DNS_TOKEN: "own",
      HTTPS_PROXY: "http://p",
      EMPTY: "",
    };
    expect(environmentForPrograms(others)).toEqual(others);
    expect(CONFIDED.length).toBeGreaterThan(3);
  });
});
