import { describe, expect, test } from "bun:test";
import { array, assert, oneof, property, string, stringMatching } from "fast-check";
import { PublicError } from "../../src/base/errors.ts";
import { Acl, parseAclRule } from "../../src/model/acl.ts";

function codeOf(work: () => string | void): string {
  try {
    return work() ?? "may";
  } catch (error) {
    return error instanceof PublicError ? error.code : String(error);
  }
}

describe("Acl", () => {
  test.each([
    [[], "a.e.test", "may"],
    [["*"], "a.e.test", "may"],
    [["bind:b.e.test", "*"], "a.e.test", "may"],
    [["bind:a.e.test"], "a.e.test", "may"],
    [["bind:A.E.Test"], "a.e.test", "may"],
    [["bind:a.e.test"], "b.e.test", "ERR_NGROK_316"],
    [["bind:a.e.test"], "x.a.e.test", "ERR_NGROK_316"],
    [["bind:*.e.test"], "a.e.test", "may"],
    [["bind:*.e.test"], "x.a.e.test", "may"],
    [["bind:*.e.test"], "*.e.test", "may"],
    [["bind:*.e.test"], "*.a.e.test", "may"],
    [["bind:*.a.e.test"], "*.e.test", "ERR_NGROK_316"],
    [["bind:*.e.test"], "e.test", "ERR_NGROK_316"],
    [["bind:*.e.test"], "ae.test", "ERR_NGROK_316"],
    [["bind:e.test:443"], "e.test", "ERR_NGROK_316"],
    [["nonsense"], "a.e.test", "ERR_NGROK_316"],
    [["nonsense", "bind:a.e.test"], "a.e.test", "may"],
  ])("%j and the name %s: %s", (rules, domain, expected) => {
    expect(codeOf(() => new Acl(rules).checkName(domain))).toBe(expected);
  });

  test.each([
    [[], "may"],
    [["*"], "may"],
    [["bind:tcp.e.test:2000"], "may"],
    [["bind:TCP.e.test:2000"], "may"],
    [["bind:tcp.e.test:2001"], "ERR_NGROK_308"],
    [["bind:e.test:2000"], "ERR_NGROK_308"],
    [["bind:tcp.e.test"], "ERR_NGROK_308"],
    [["bind:*.e.test"], "ERR_NGROK_308"],
  ])("%j and the address tcp.e.test:2000: %s", (rules, expected) => {
    expect(codeOf(() => new Acl(rules).checkAddress({ host: "tcp.e.test", port: 2000 }))).toBe(expected);
  });

  test.each([
    [[], "may"],
    [["*"], "may"],
    [["bind:tcp.e.test:2000"], "ERR_NGROK_356"],
    [["bind:*.e.test"], "ERR_NGROK_356"],
  ])("%j and any TCP address: %s", (rules, expected) => {
    expect(codeOf(() => new Acl(rules).checkRandomAddress())).toBe(expected);
  });

  test("a further rule never takes away what others allow", () => {
    const label = stringMatching(/^[a-z]{1,2}$/);
    const name = array(label, { minLength: 1, maxLength: 3 }).map((labels) => `${labels.join(".")}.test`);
    const rule = oneof(
      name.map((text) => `bind:${text}`),
      name.map((text) => `bind:*.${text}`),
      string(),
    );
    assert(
      property(array(rule, { minLength: 1, maxLength: 4 }), rule, name, (rules, more, domain) => {
        const before = codeOf(() => new Acl(rules).checkName(domain));
        const after = codeOf(() => new Acl([...rules, more]).checkName(domain));
        expect(["may", "ERR_NGROK_316"]).toContain(after);
        if (before === "may") expect(after).toBe("may");
      }),
      { numRuns: process.env["DEEP"] === "1" ? 100_000 : 300 },
    );
  });
});

describe("parseAclRule", () => {
  test.each([
    ["*", "*"],
    ["bind:a.e.test", "bind:a.e.test"],
    ["bind:A.E.Test", "bind:a.e.test"],
    ["bind:*.e.test", "bind:*.e.test"],
    ["bind:tcp.e.test:2000", "bind:tcp.e.test:2000"],
    ["", "ERR_NGROK_600"],
    ["a.e.test", "ERR_NGROK_600"],
    ["bind:", "ERR_NGROK_600"],
    ["bind:*", "ERR_NGROK_600"],
    ["bind:a*.e.test", "ERR_NGROK_600"],
    ["bind:a.*.test", "ERR_NGROK_600"],
    ["bind:a b", "ERR_NGROK_600"],
    ["bind::2000", "ERR_NGROK_600"],
    ["bind:tcp.e.test:0", "ERR_NGROK_600"],
    ["bind:tcp.e.test:65536", "ERR_NGROK_600"],
    ["bind:*.e.test:2000", "ERR_NGROK_600"],
  ])("reads %j as %s", (text, expected) => {
    expect(codeOf(() => parseAclRule(text))).toBe(expected);
  });
});
