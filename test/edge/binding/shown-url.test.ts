import { expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { checkPublicPort, type PublicPorts } from "../../../src/edge/binding/shown-url.ts";

const HIGH: PublicPorts = { http: 8080, https: 8443 };
const NO_HTTPS: PublicPorts = { http: 80, https: undefined };

test.each([
  ["https", undefined, HIGH, ""],
  ["https", 8443, HIGH, ""],
  ["https", 443, HIGH, ""],
  ["tls", 8443, HIGH, ""],
  ["http", 8080, HIGH, ""],
  ["http", 80, HIGH, ""],
  [
    "https",
    8080,
    HIGH,
    "https://a.test:8080 cannot be had: visitors of https endpoints come to port 8443 of this edge. Write that port, or none.",
  ],
  ["http", 443, HIGH, "http://a.test:443 cannot be had: visitors of http endpoints come to port 8080"],
  ["tls", 99_999, HIGH, "tls://a.test:99999 cannot be had: visitors of tls endpoints come to port 8443"],
  ["https", 8443, NO_HTTPS, "serves no https endpoints"],
] as const)("checkPublicPort of %s with the port %p at %p says %p", (place, port, ports, said) => {
  const check = (): void => checkPublicPort(place, { host: "a.test", port }, ports);
  if (said === "") expect(check).not.toThrow();
  else
    expect(check).toThrow(
      expect.objectContaining({ constructor: PublicError, message: expect.stringContaining(said) }),
    );
});
