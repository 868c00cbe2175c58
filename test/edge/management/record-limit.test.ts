import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import type { OwnedType } from "../../../src/edge/management/account-records.ts";
import { MAX_RECORDS_OF_ACCOUNT, refuseTooManyRecords } from "../../../src/edge/management/record-limit.ts";
import { NO_LIMITS } from "../../../src/model/records/account.ts";
import { anAccount } from "../../support/store-records.ts";
import { ManagementScene } from "../../support/management-scene.ts";

async function codeOf(type: OwnedType, has: number, limits = NO_LIMITS): Promise<string> {
  try {
    await refuseTooManyRecords({ count: () => Promise.resolve(has) }, type, anAccount({ limits }));
    return "may";
  } catch (error) {
    return error instanceof PublicError ? error.code : String(error);
  }
}

describe("refuseTooManyRecords", () => {
  test.each([
    ["credential", "ERR_GINNEL_TOO_MANY_RECORDS"],
    ["apiKey", "ERR_GINNEL_TOO_MANY_RECORDS"],
    ["reservedDomain", "ERR_NGROK_415"],
    ["reservedAddr", "ERR_NGROK_508"],
    ["ipPolicyRule", "ERR_GINNEL_TOO_MANY_RECORDS"],
    ["tlsCertificate", "ERR_GINNEL_TOO_MANY_RECORDS"],
    ["certificateAuthority", "ERR_GINNEL_TOO_MANY_RECORDS"],
    ["cloudEndpoint", "ERR_GINNEL_TOO_MANY_RECORDS"],
  ] as const)("refuseTooManyRecords lets an account without limits have only so many of %s", async (type, code) => {
    expect(await codeOf(type, MAX_RECORDS_OF_ACCOUNT[type] - 1)).toBe("may");
    expect(await codeOf(type, MAX_RECORDS_OF_ACCOUNT[type])).toBe(code);
  });

  test("refuseTooManyRecords leaves it to the limit that an operator set", async () => {
    const limits = { ...NO_LIMITS, reservedDomains: 1_000_000, reservedAddrs: 1_000_000, endpoints: 1_000_000 };
    for (const type of ["reservedDomain", "reservedAddr", "cloudEndpoint"] as const)
      expect(await codeOf(type, 500_000, limits)).toBe("may");
  });
});

test("the management API makes no more records than an account may have", async () => {
  await using scene = await ManagementScene.open();
  await scene.store.change({ kind: "operator", id: "test" }, async (transaction) => {
    expect(await transaction.count("apiKey", scene.one.id)).toBe(1);
  });
  for (let made = 1; made <= 3; made++) await scene.create("api_keys", {});
  await scene.store.change({ kind: "operator", id: "test" }, async (transaction) => {
    expect(await transaction.count("apiKey", scene.one.id)).toBe(4);
    expect(await transaction.count("apiKey", scene.other.id)).toBe(1);
  });
});
