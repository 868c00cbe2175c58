import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { UsageError } from "../../../src/base/errors.ts";
import { fieldFlags, fieldsOf, type GivenFlags } from "../../../src/cli/api/field-flags.ts";

const fields = z.strictObject({
  domain: z.string().describe("A host name"),
  certificate_id: z.string().optional(),
  ip_policy_ids: z.array(z.string()).optional(),
  enforced: z.boolean().optional().describe("TLS is asked for"),
  weight: z.int().optional(),
  type: z.enum(["api", "agent"]).optional(),
  policy: z
    .strictObject({ authority: z.literal("letsencrypt").default("letsencrypt"), size_kb: z.number() })
    .optional(),
  addr: z.union([z.string(), z.int(), z.strictObject({ host: z.string() })]).optional(),
});
const flags = fieldFlags(fields);

describe("fieldFlags", () => {
  test("fieldFlags makes a flag of every field, in order, with what the help tells of it", () => {
    expect(flags.map(({ name, kind, spec }) => [name, kind, spec.value, spec.help])).toEqual([
      ["domain", "text", "TEXT", "a host name; required"],
      ["certificate-id", "text", "ID", "certificate id"],
      ["ip-policy-ids", "list", "ID", "ip policy ids; may be repeated"],
      ["enforced", "boolean", undefined, "TLS is asked for"],
      ["weight", "number", "NUMBER", "weight"],
      ["type", "text", "TEXT", "type: api, agent"],
      ["policy.authority", "text", "TEXT", "policy authority: letsencrypt"],
      ["policy.size-kb", "number", "NUMBER", "policy size kb; required"],
      ["addr", "any", "TEXT", "addr"],
    ]);
  });

  test("fieldFlags knows the words of a field that has no others", () => {
    expect(flags.filter(({ spec }) => spec.choices).map(({ name, spec }) => [name, spec.choices])).toEqual([
      ["type", ["api", "agent"]],
      ["policy.authority", ["letsencrypt"]],
    ]);
  });
});

describe("fieldsOf", () => {
  test.each<[GivenFlags, Record<string, unknown>]>([
    [{}, {}],
    [{ domain: "" }, { domain: "" }],
    [{ domain: "{}" }, { domain: "{}" }],
    [
      { "certificate-id": "c", enforced: false },
      { certificate_id: "c", enforced: false },
    ],
    [{ "ip-policy-ids": ["a"] }, { ip_policy_ids: ["a"] }],
    [{ "ip-policy-ids": ["a", "b"] }, { ip_policy_ids: ["a", "b"] }],
    [{ "ip-policy-ids": [""] }, { ip_policy_ids: [] }],
    [{ weight: "-3" }, { weight: -3 }],
    [
      { "policy.authority": "letsencrypt", "policy.size-kb": "2.5" },
      { policy: { authority: "letsencrypt", size_kb: 2.5 } },
    ],
    [{ addr: ["8080"] }, { addr: "8080" }],
    [{ addr: ["80", '["a"]'] }, { addr: ["80", ["a"]] }],
    [{ addr: [' {"host":"h"}'] }, { addr: { host: "h" } }],
    [{ addr: "text of a file" }, { addr: "text of a file" }],
    [{ config: ["P"], unknown: "x" }, {}],
  ])("fieldsOf %j makes %j", (given, made) => {
    expect(fieldsOf(flags, given)).toEqual(made);
  });

  test.each<[GivenFlags, string]>([
    [{ weight: "" }, "Flag --weight takes a number, not ''."],
    [{ weight: "many" }, "Flag --weight takes a number, not 'many'."],
    [{ addr: ["{SECRET"] }, "Flag --addr takes a text, or an object or list in JSON; this is no JSON."],
  ])("fieldsOf refuses %j", (given, message) => {
    expect(() => fieldsOf(flags, given)).toThrow(new UsageError(message));
  });
});
