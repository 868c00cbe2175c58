import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { UsageError } from "../../src/base/errors.ts";
import { formatUpstreamAddress, parseUpstreamAddress, TUNNEL_PROTOS } from "../../src/model/upstream-address.ts";

describe("parseUpstreamAddress", () => {
  test.each([
    ["http", 8080, "http://localhost:8080"],
    ["http", "8080", "http://localhost:8080"],
    ["http", " 8080 ", "http://localhost:8080"],
    ["http", "443", "https://localhost:443"],
    ["http", "web:443", "https://web:443"],
    ["http", "http://localhost:443", "http://localhost:443"],
    ["http", "web:80", "http://web:80"],
    ["http", "my_service:80", "http://my_service:80"],
    ["http", "web.local", "http://web.local:80"],
    ["http", "[::1]:3000", "http://[::1]:3000"],
    ["http", ":3000", "http://localhost:3000"],
    ["http", "http://web", "http://web:80"],
    ["http", "https://web", "https://web:443"],
    ["http", "HTTPS://Web:8443/", "https://web:8443"],
    ["http", "https://", "https://localhost:443"],
    ["http", "http://", "http://localhost:80"],
    ["http", "file:///srv/my site", "file:///srv/my site"],
    ["http", "file:///srv/100%25", "file:///srv/100%25"],
    ["http", "file:///C:\\site", "file:///C:\\site"],
    ["http", "file://C:/site", "file:///C:/site"],
    ["http", "unix:/run/app.sock", "unix:/run/app.sock"],
    ["http", "unix:///run/app.sock", "unix:/run/app.sock"],
    ["tcp", 22, "localhost:22"],
    ["tcp", "443", "localhost:443"],
    ["tcp", "db:5432", "db:5432"],
    ["tcp", "tcp://db:5432", "db:5432"],
    ["tcp", "tls://db:5432", "tls://db:5432"],
    ["tcp", "[::1]:22", "[::1]:22"],
    ["tls", 80, "localhost:80"],
    ["tls", 443, "tls://localhost:443"],
    ["tls", "web:443", "tls://web:443"],
    ["tls", "tls://web:8443", "tls://web:8443"],
    ["tls", "tcp://web:443", "web:443"],
  ] as const)("parseUpstreamAddress for %s reads %p, shown as %s", (proto, input, shown) => {
    expect(formatUpstreamAddress(parseUpstreamAddress(input, proto))).toBe(shown);
  });

  test.each([
    ["http", "", "it is empty"],
    ["http", 0, "a port is a number"],
    ["http", 65_536, "a port is a number"],
    ["http", "99999", "a port is a number"],
    ["http", "web:port", "a port is a number"],
    ["http", "::1", "in brackets"],
    ["http", "::1:80", "in brackets"],
    ["http", "http://web/app", "may not have a path"],
    ["http", "web:80/app", "may not have a path"],
    ["http", "http://web?x=1", "query"],
    ["http", "http://web#x", "fragment"],
    ["http", "ftp://web", "not ftp://"],
    ["http", "tcp://web:80", "not tcp://"],
    ["http", "file://site", "absolute path"],
    ["http", "file:///a\0b", "absolute path"],
    ["http", "unix:run/app.sock", "absolute path"],
    ["http", "we b:80", "neither a port"],
    ["tcp", "db", "the port is missing"],
    ["tcp", "tcp://db", "the port is missing"],
    ["tcp", "http://db:80", "not http://"],
    ["tcp", "file:///srv", "only http tunnels"],
    ["tls", "https://web:443", "not https://"],
  ] as const)("parseUpstreamAddress for %s refuses %p: %s", (proto, input, reason) => {
    expect(() => parseUpstreamAddress(input, proto)).toThrow(reason);
    expect(() => parseUpstreamAddress(input, proto)).toThrow(UsageError);
  });

  test("parseUpstreamAddress keeps a password out of its message", () => {
    for (const text of ["http://user:hunter2@web:80", "user:hunter2@web:80", "ftp://user:hunter2@web"])
      expect(() => parseUpstreamAddress(text, "http")).toThrow(/^(?!.*hunter2).*cannot forward/);
  });

  test("parseUpstreamAddress reads back what formatUpstreamAddress shows, whatever else it refuses", () => {
    const texts = fc.oneof(
      fc.string(),
      fc.webUrl(),
      fc.tuple(fc.domain(), fc.nat(70_000)).map((pair) => pair.join(":")),
    );
    fc.assert(
      fc.property(texts, fc.constantFrom(...TUNNEL_PROTOS), (text, proto) => {
        try {
          const address = parseUpstreamAddress(text, proto);
          expect(parseUpstreamAddress(formatUpstreamAddress(address), proto)).toEqual(
            address.kind === "network" && proto === "tls" && address.port === 443
              ? { ...address, scheme: "tls" }
              : address,
          );
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError);
        }
      }),
      { numRuns: process.env["DEEP"] === "1" ? 50_000 : 500 },
    );
  });
});
