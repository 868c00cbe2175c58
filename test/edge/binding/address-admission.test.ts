import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { AddressAdmission, type Returning } from "../../../src/edge/binding/address-admission.ts";
import { ADDRESS_KEY_BYTES, AddressProofs } from "../../../src/edge/binding/address-proofs.ts";
import type { NameVerdict } from "../../../src/edge/directory.ts";
import { TcpPorts } from "../../../src/edge/tcp-ports.ts";
import { Acl } from "../../../src/model/acl.ts";
import { NO_HTTP_OPTIONS, NO_TCP_OPTIONS } from "../../../src/protocol/rpc/bind-options.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";

const BY = { accountId: "ac_1", credentialId: "cr_1" };
const HERE = { id: "r_1", region: "us" };
const EVERYWHERE = { id: "r_2", region: "" };
const ELSEWHERE = { id: "r_3", region: "eu" };

const PROOFS = new AddressProofs(new Uint8Array(ADDRESS_KEY_BYTES));
/** An agent that binds for the first time. */
const NEW = { bindId: "", token: "" };

function admissionWith(verdict: NameVerdict, more: Partial<GatedDirectory> = {}): AddressAdmission {
  const directory = Object.assign(new GatedDirectory(), { verdict, ...more });
  const tcpPorts = new TcpPorts({ ports: { first: 20_000, last: 20_009 }, hostname: "127.0.0.1" }, () => {});
  const baseDomains = ["edge.test", "second.test"] as const;
  return new AddressAdmission({ baseDomains, region: "us", directory, tcpPorts, proofs: PROOFS });
}

function outcome<T>(ask: () => T): T | string {
  try {
    return ask();
  } catch (error) {
    return error instanceof PublicError ? error.code : String(error);
  }
}

describe("AddressAdmission.host", () => {
  const CASES: readonly (readonly [domain: string, NameVerdict, expected: string])[] = [
    ["app.edge.test", "allowed", "app.edge.test of none"],
    ["app.edge.test", "notReserved", "ERR_NGROK_319"],
    ["a.b.edge.test", "notReserved", "ERR_NGROK_354"],
    ["www.example.org", "notReserved", "ERR_NGROK_319"],
    ["*.a.test", "notReserved", "ERR_NGROK_321"],
    ["*.a.test", "wildcardNotReserved", "ERR_NGROK_318"],
    ["www.example.org", "ofAnotherAccount", "ERR_NGROK_320"],
    ["www.example.org", "ofEdge", "ERR_NGROK_320"],
    ["www.example.org", HERE, "www.example.org of r_1"],
    ["www.example.org", EVERYWHERE, "www.example.org of r_2"],
    ["www.example.org", ELSEWHERE, "ERR_NGROK_322"],
    ["edge.test", "allowed", "ERR_NGROK_320"],
    ["second.test", "allowed", "ERR_NGROK_320"],
    ["connect.edge.test", "allowed", "ERR_NGROK_320"],
    ["API.second.test", "allowed", "ERR_NGROK_320"],
    ["connect.a.test", "allowed", "connect.a.test of none"],
  ];
  test.each(CASES)("%s that the records call %j becomes %s", (domain, verdict, expected) => {
    const asked = outcome(() => {
      const { host, reservationId = "none" } = admissionWith(verdict).host(BY, { ...NO_HTTP_OPTIONS, domain });
      return `${host} of ${reservationId}`;
    });
    expect(asked).toBe(expected);
  });

  test("makes up a name when none is asked for, without asking the records", () => {
    const host = outcome(() => admissionWith("notReserved").host(BY, NO_HTTP_OPTIONS).host);
    expect(host).toMatch(/^[0-9a-f]{16}\.edge\.test$/);
  });

  test.each([
    ["a.edge.test", ["bind:b.edge.test"], "ERR_NGROK_316"],
    ["", ["bind:b.edge.test"], "ERR_NGROK_316"],
    ["b.edge.test", ["bind:b.edge.test"], "b.edge.test"],
    ["b.edge.test", ["bind:*.edge.test"], "b.edge.test"],
  ])("%j for a credential that may %j: %s", (domain, rules, expected) => {
    const admission = admissionWith("allowed", { acl: new Acl(rules) });
    expect(outcome(() => admission.host(BY, { ...NO_HTTP_OPTIONS, domain }).host)).toBe(expected);
  });

  test("nothing for a credential that was deleted", () => {
    const admission = admissionWith("allowed", { gone: new Set([BY.credentialId]) });
    expect(outcome(() => admission.host(BY, NO_HTTP_OPTIONS))).toBe("ERR_NGROK_300");
    expect(outcome(() => admission.tcpAddress(BY, NO_TCP_OPTIONS, NEW))).toBe("ERR_NGROK_300");
  });
});

describe("AddressAdmission.tcpAddress", () => {
  const CASES: readonly (readonly [address: string, NameVerdict, expected: string])[] = [
    ["", "notReserved", "edge.test:any of none"],
    ["edge.test:20000", "allowed", "edge.test:20000 of none"],
    ["Second.Test:20009", "allowed", "second.test:20009 of none"],
    ["1.tcp.edge.test:20001", "allowed", "1.tcp.edge.test:20001 of none"],
    ["1.tcp.edge.test:20001", HERE, "1.tcp.edge.test:20001 of r_1"],
    ["1.tcp.edge.test:20001", ELSEWHERE, "ERR_NGROK_311"],
    [":20005", "allowed", "edge.test:20005 of none"],
    ["a.tcp.edge.test:20000", "allowed", "ERR_NGROK_307"],
    ["1.tcp.other.test:20000", "allowed", "ERR_NGROK_307"],
    ["edge.test:20010", "allowed", "ERR_NGROK_307"],
    ["edge.test:19999", "allowed", "ERR_NGROK_307"],
    ["other.test:20000", "allowed", "ERR_NGROK_307"],
    ["edge.test:20000", "notReserved", "ERR_NGROK_307"],
    ["edge.test:20000", "ofAnotherAccount", "ERR_NGROK_309"],
  ];
  test.each(CASES)("%j that the records call %j becomes %s", (address, verdict, expected) => {
    const asked = outcome(() => {
      const admitted = admissionWith(verdict).tcpAddress(BY, { ...NO_TCP_OPTIONS, address }, NEW);
      return `${admitted.host}:${admitted.port ?? "any"} of ${admitted.reservationId ?? "none"}`;
    });
    expect(asked).toBe(expected);
  });

  test.each([
    ["edge.test:20000", ["bind:edge.test:20000"], "edge.test"],
    ["edge.test:20000", ["bind:edge.test:20001"], "ERR_NGROK_308"],
    ["edge.test:20000", ["bind:edge.test"], "ERR_NGROK_308"],
    ["", ["bind:edge.test:20000"], "ERR_NGROK_356"],
    ["", ["*"], "edge.test"],
  ])("%j for a credential that may %j: %s", (address, rules, expected) => {
    const admission = admissionWith("allowed", { acl: new Acl(rules) });
    expect(outcome(() => admission.tcpAddress(BY, { ...NO_TCP_OPTIONS, address }, NEW).host)).toBe(expected);
  });
});

describe("AddressAdmission.tcpAddress, for an agent that binds again", () => {
  const GIVEN = { accountId: BY.accountId, bindId: "b1", host: "edge.test", port: 20_003 };
  const token = PROOFS.proofOf(GIVEN);

  const CASES: readonly (readonly [what: string, Returning, NameVerdict, expected: string])[] = [
    ["its own", { bindId: "b1", token }, "notReserved", "20003 random"],
    ["its own, where it needs no proof", { bindId: "b1", token }, "allowed", "20003 chosen"],
    ["its own, which it has reserved since", { bindId: "b1", token }, HERE, "20003 chosen"],
    ["its own, which another has reserved since", { bindId: "b1", token }, "ofAnotherAccount", "ERR_NGROK_309"],
    ["one that it shows no proof of", { bindId: "b1", token: "" }, "notReserved", "ERR_NGROK_307"],
    ["one of another bind", { bindId: "b2", token }, "notReserved", "ERR_NGROK_307"],
    [
      "one of another account",
      { bindId: "b1", token: PROOFS.proofOf({ ...GIVEN, accountId: "ac_2" }) },
      "notReserved",
      "ERR_NGROK_307",
    ],
    [
      "one with the proof of another",
      { bindId: "b1", token: PROOFS.proofOf({ ...GIVEN, port: 20_004 }) },
      "notReserved",
      "ERR_NGROK_307",
    ],
  ];
  test.each(CASES)("%s", (_, returning, verdict, expected) => {
    const wish = { ...NO_TCP_OPTIONS, address: "edge.test:20003" };
    const asked = outcome(() => {
      const { port, isRandom } = admissionWith(verdict).tcpAddress(BY, wish, returning);
      return `${port} ${isRandom ? "random" : "chosen"}`;
    });
    expect(asked).toBe(expected);
  });

  test("no random address to a credential that is limited to some", () => {
    const admission = admissionWith("notReserved", { acl: new Acl(["bind:edge.test:20003"]) });
    const wish = { ...NO_TCP_OPTIONS, address: "edge.test:20003" };
    expect(outcome(() => admission.tcpAddress(BY, wish, { bindId: "b1", token }))).toBe("ERR_NGROK_356");
  });

  test("none beyond the range, which may have become smaller", () => {
    const gone = { ...GIVEN, port: 20_010 };
    const wish = { ...NO_TCP_OPTIONS, address: "edge.test:20010" };
    const returning = { bindId: "b1", token: PROOFS.proofOf(gone) };
    expect(outcome(() => admissionWith("notReserved").tcpAddress(BY, wish, returning))).toBe("ERR_NGROK_307");
  });
});
