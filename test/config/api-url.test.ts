import { describe, expect, test } from "bun:test";
import { UsageError } from "../../src/base/errors.ts";
import { buildAgentConfig } from "../../src/config/agent-config.ts";
import { readAgentFile } from "../../src/config/agent-file.ts";
import { apiUrlOfEdge, formatApiUrl, parseApiUrl } from "../../src/config/api-url.ts";
import { settingsOfEnvironment, settingsOfFlags, type Environment } from "../../src/config/environment.ts";

describe("parseApiUrl", () => {
  test.each([
    ["https://api.example.org", "https://api.example.org"],
    ["https://API.example.org/", "https://api.example.org"],
    ["https://api.example.org:443", "https://api.example.org"],
    ["https://api.example.org:8443", "https://api.example.org:8443"],
    ["https://[2001:db8::1]:8443", "https://[2001:db8::1]:8443"],
    ["https://192.0.2.1", "https://192.0.2.1"],
    ["http://127.0.0.1:4050", "http://127.0.0.1:4050"],
    ["http://localhost", "http://localhost"],
    ["http://[::1]:80", "http://[::1]"],
  ])("parseApiUrl reads %s", (text, url) => {
    expect(formatApiUrl(parseApiUrl(text))).toBe(url);
  });

  test.each([
    ["api.example.org"],
    ["api.example.org:443"],
    ["ftp://api.example.org"],
    ["https://"],
    ["https://api.example.org/v2"],
    ["https://api.example.org/?SECRET"],
    ["https://api.example.org/#SECRET"],
    ["https://SECRET@api.example.org"],
    ["https://user:SECRET@api.example.org"],
    ["http://api.example.org"],
    ["http://192.0.2.1"],
    [" "],
  ])("parseApiUrl refuses %j, and shows nothing of it", (text) => {
    expect(() => parseApiUrl(text)).toThrow(UsageError);
    expect(() => parseApiUrl(text)).toThrow(/^expected https:\/\/HOST(?![^]*SECRET)/);
  });
});

describe("apiUrlOfEdge", () => {
  test.each([
    ["tunnel.test", 443, "https://api.tunnel.test"],
    ["tunnel.test", 8443, "https://api.tunnel.test:8443"],
    ["connect.tunnel.test", 443, "https://api.tunnel.test"],
    ["connect", 443, "https://api.connect"],
  ])("apiUrlOfEdge finds the API of an edge that agents reach at %s:%d", (host, port, url) => {
    const found = apiUrlOfEdge({ host, port });
    expect(found && formatApiUrl(found)).toBe(url);
  });

  test.each(["192.0.2.1", "2001:db8::1"])("apiUrlOfEdge cannot tell from the address %s", (host) => {
    expect(apiUrlOfEdge({ host, port: 443 })).toBeUndefined();
  });
});

interface Written {
  readonly file?: string;
  readonly environment?: Environment;
  readonly flags?: Readonly<Record<string, string>>;
}

function apiOf({ file = "version: 3", environment = {}, flags = {} }: Written): string | undefined {
  const { apiUrl } = buildAgentConfig({
    files: [{ path: "f", settings: readAgentFile("f", file) }],
    environment: settingsOfEnvironment(environment),
    flags: settingsOfFlags(flags),
    variables: {},
  });
  return apiUrl && formatApiUrl(apiUrl);
}

describe("buildAgentConfig", () => {
  const file = "{ version: 3, agent: { connect_url: 'e.test:8443', api_url: 'https://file.test' } }";
  const [ours, published] = [{ GINNEL_API_URL: "https://ours.test" }, { NGROK_API_BASE_URL: "https://theirs.test" }];

  test.each<[string, Written, string | undefined]>([
    ["nowhere without an edge", {}, undefined],
    ["below the name of the edge", { file: "version: 2\nserver_addr: e.test" }, "https://api.e.test"],
    ["at the port of the edge", { file: "version: 2\nserver_addr: e.test:8443" }, "https://api.e.test:8443"],
    ["nowhere below an address", { file: "version: 2\nserver_addr: '192.0.2.1:443'" }, undefined],
    ["where the file says", { file }, "https://file.test"],
    ["where the published variable says", { file, environment: published }, "https://theirs.test"],
    ["where our variable says", { file, environment: { ...published, ...ours } }, "https://ours.test"],
    [
      "where the flag says",
      { file, environment: ours, flags: { "api-url": "https://flag.test" } },
      "https://flag.test",
    ],
  ])("buildAgentConfig finds the management API %s", (_, written, url) => {
    expect(apiOf(written)).toBe(url);
  });

  test("settingsOfEnvironment names the variable of a bad address", () => {
    expect(() => apiOf({ environment: { NGROK_API_BASE_URL: "nowhere" } })).toThrow(
      "environment variable NGROK_API_BASE_URL: field api_url: expected https://HOST",
    );
  });
});
