import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import { AddressAdmission, type TcpAddress } from "../../../src/edge/binding/address-admission.ts";
import type { NameVerdict } from "../../../src/edge/directory.ts";
import { TcpPorts } from "../../../src/edge/tcp-ports.ts";
import { NO_HTTP_OPTIONS, NO_TCP_OPTIONS } from "../../../src/protocol/rpc/bind-options.ts";
import { GatedDirectory } from "../../support/binder-scene.ts";

function admissionWith(verdict: NameVerdict): AddressAdmission {
  const directory = new GatedDirectory();
  directory.verdict = verdict;
  const tcpPorts = new TcpPorts({ ports: { first: 20_000, last: 20_009 }, hostname: "127.0.0.1" }, () => {});
  return new AddressAdmission({ baseDomains: ["edge.test", "second.test"], directory, tcpPorts });
}

async function outcome<T>(asked: Promise<T>): Promise<T | string> {
  const [settled] = await Promise.allSettled([asked]);
  if (settled?.status === "fulfilled") return settled.value;
  return settled?.reason instanceof PublicError ? settled.reason.code : String(settled?.reason);
}

describe("AddressAdmission.host", () => {
  const CASES: readonly (readonly [domain: string, NameVerdict, expected: string])[] = [
    ["app.edge.test", "allowed", "app.edge.test"],
    ["app.edge.test", "notReserved", "ERR_NGROK_319"],
    ["*.a.test", "notReserved", "ERR_NGROK_321"],
    ["www.example.org", "ofAnotherAccount", "ERR_NGROK_320"],
    ["edge.test", "allowed", "ERR_NGROK_320"],
    ["second.test", "allowed", "ERR_NGROK_320"],
    ["connect.edge.test", "allowed", "ERR_NGROK_320"],
    ["API.second.test", "allowed", "ERR_NGROK_320"],
    ["connect.a.test", "allowed", "connect.a.test"],
  ];
  test.each(CASES)("%s that the records call %s becomes %s", async (domain, verdict, expected) => {
    expect(await outcome(admissionWith(verdict).host("ac_1", { ...NO_HTTP_OPTIONS, domain }))).toBe(expected);
  });

  test("makes up a name when none is asked for, without asking the records", async () => {
    const host = await outcome(admissionWith("notReserved").host("ac_1", NO_HTTP_OPTIONS));
    expect(host).toMatch(/^[0-9a-f]{16}\.edge\.test$/);
  });
});

describe("AddressAdmission.tcpAddress", () => {
  const CASES: readonly (readonly [address: string, NameVerdict, expected: TcpAddress | string])[] = [
    ["", "notReserved", { host: "edge.test", port: undefined }],
    ["edge.test:20000", "allowed", { host: "edge.test", port: 20_000 }],
    ["Second.Test:20009", "allowed", { host: "second.test", port: 20_009 }],
    ["1.tcp.edge.test:20001", "allowed", { host: "1.tcp.edge.test", port: 20_001 }],
    [":20005", "allowed", { host: "edge.test", port: 20_005 }],
    ["a.tcp.edge.test:20000", "allowed", "ERR_NGROK_307"],
    ["1.tcp.other.test:20000", "allowed", "ERR_NGROK_307"],
    ["edge.test:20010", "allowed", "ERR_NGROK_307"],
    ["edge.test:19999", "allowed", "ERR_NGROK_307"],
    ["other.test:20000", "allowed", "ERR_NGROK_307"],
    ["edge.test:20000", "notReserved", "ERR_NGROK_307"],
    ["edge.test:20000", "ofAnotherAccount", "ERR_NGROK_309"],
  ];
  test.each(CASES)("%j that the records call %s becomes %j", async (address, verdict, expected) => {
    const admitted = outcome(admissionWith(verdict).tcpAddress("ac_1", { ...NO_TCP_OPTIONS, address }));
    expect(await admitted).toEqual(expected);
  });
});
