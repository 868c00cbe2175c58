import { describe, expect, test } from "bun:test";
import { API_RESOURCES, apiRequest } from "../../../src/cli/api/api-calls.ts";
import { findApiCall } from "../../../src/cli/api/api-commands.ts";
import type { GivenFlags } from "../../../src/cli/api/field-flags.ts";

function request(command: string, id = "", given: GivenFlags = {}): readonly unknown[] {
  const call = findApiCall(`api ${command}`);
  if (call === undefined) throw new Error(`no call ${command}`);
  const { method, target, body } = apiRequest(call, id, given);
  return [method, target, body === undefined ? undefined : JSON.parse(body)];
}

describe("apiRequest", () => {
  test.each<[readonly [string, string?, GivenFlags?], readonly unknown[]]>([
    [["credentials list"], ["GET", "/credentials", undefined]],
    [
      ["api-keys list", "", { limit: "5", "before-id": "ak_1", filter: 'obj.id != "a&b"' }],
      ["GET", "/api_keys?limit=5&before_id=ak_1&filter=obj.id+%21%3D+%22a%26b%22", undefined],
    ],
    [
      ["reserved-domains get", "rd_1"],
      ["GET", "/reserved_domains/rd_1", undefined],
    ],
    [
      ["reserved-domains get", "../a?b"],
      ["GET", "/reserved_domains/..%2Fa%3Fb", undefined],
    ],
    [
      ["reserved-domains create", "", { domain: "a.test", region: "eu" }],
      ["POST", "/reserved_domains", { domain: "a.test", region: "eu" }],
    ],
    [
      ["reserved-domains update", "rd_1"],
      ["PATCH", "/reserved_domains/rd_1", {}],
    ],
    [
      ["reserved-domains delete-certificate", "rd_1"],
      ["DELETE", "/reserved_domains/rd_1/certificate", undefined],
    ],
    [
      ["tunnel-sessions stop", "ts_1"],
      ["POST", "/tunnel_sessions/ts_1/stop", undefined],
    ],
    [
      ["tunnel-sessions update", "ts_1", { version: "3.40.0" }],
      ["POST", "/tunnel_sessions/ts_1/update", { version: "3.40.0" }],
    ],
    [
      ["tunnels create", "", { addr: ["8080"], name: "n" }],
      ["POST", "/tunnels", { addr: "8080", name: "n" }],
    ],
    [["root get"], ["GET", "/", undefined]],
    [["account get"], ["GET", "/account", undefined]],
  ])("apiRequest of %j is %j", (command, expected) => {
    expect(request(...command)).toEqual(expected);
  });

  test("findApiCall finds nothing behind other words", () => {
    const words = ["api", "api credentials", "api credentials lists", "api __proto__ get", "api root constructor"];
    expect(words.map(findApiCall)).toEqual(words.map(() => undefined));
  });
});

test("API_RESOURCES are called what people call them", () => {
  const titles = API_RESOURCES.map(({ title }) => title);
  expect(titles).toEqual(
    expect.arrayContaining(["API keys", "IP policies", "reserved addresses", "certificate authorities", "tunnels"]),
  );
});
