import { describe, expect, test } from "bun:test";
import { type ApiRecord, textAt } from "../../../../../src/edge/dashboard/client/data/api-record.ts";
import type { Field } from "../../../../../src/edge/dashboard/client/resource/field.ts";
import {
  createBody,
  draftOf,
  linesOf,
  updateCalls,
} from "../../../../../src/edge/dashboard/client/resource/record-draft.ts";

const FIELDS: readonly Field[] = [
  { name: "domain", label: "Domain", kind: "text", isRequired: true, isFixed: true },
  { name: "acl", label: "ACL", kind: "lines" },
  { name: "enforced", label: "Enforced", kind: "check" },
  { name: "policies", label: "Policies", kind: "records" },
  { name: "action", label: "Action", kind: "choice", options: [{ value: "allow", label: "allow" }] },
  {
    name: "certificate",
    label: "Certificate",
    kind: "choice",
    options: [{ value: "", label: "none" }],
    read: (record) => textAt(record, "certificate_id"),
    write: (value) => ({ certificate_id: value }),
    clearing: () => "/certificate",
  },
];
const RECORD: ApiRecord = {
  id: "rd_1",
  domain: "a.example",
  acl: ["bind:a", "bind:b"],
  enforced: true,
  policies: [{ id: "ipp_1", uri: "u" }],
  action: "allow",
  certificate_id: "cert_1",
};

describe("draftOf", () => {
  test("begins empty, with the first of what can be chosen", () => {
    expect(draftOf(FIELDS, undefined)).toEqual({
      domain: "",
      acl: "",
      enforced: false,
      policies: [],
      action: "allow",
      certificate: "",
    });
  });

  test("begins as the record is, without what cannot be changed", () => {
    expect(draftOf(FIELDS, RECORD)).toEqual({
      acl: "bind:a\nbind:b",
      enforced: true,
      policies: ["ipp_1"],
      action: "allow",
      certificate: "cert_1",
    });
  });
});

describe("createBody", () => {
  test("leaves out what was left empty, but not what is needed", () => {
    expect(createBody(FIELDS, draftOf(FIELDS, undefined))).toEqual({ domain: "", enforced: false, action: "allow" });
  });

  test("writes each field in its own way", () => {
    const draft = { ...draftOf(FIELDS, undefined), domain: "b.example", acl: " bind:c \n\n", certificate: "cert_2" };
    expect(createBody(FIELDS, draft)).toMatchObject({
      domain: "b.example",
      acl: ["bind:c"],
      certificate_id: "cert_2",
    });
  });
});

describe("updateCalls", () => {
  test("makes none when nothing differs", () => {
    expect(updateCalls(FIELDS, draftOf(FIELDS, RECORD), RECORD)).toEqual([]);
  });

  test("sends what differs, an empty list too", () => {
    const draft = { ...draftOf(FIELDS, RECORD), acl: "", enforced: false };
    expect(updateCalls(FIELDS, draft, RECORD)).toEqual([
      { method: "PATCH", path: "", body: { acl: [], enforced: false } },
    ]);
  });

  test("deletes by a call of its own what an empty value does not take away", () => {
    const draft = { ...draftOf(FIELDS, RECORD), certificate: "" };
    expect(updateCalls(FIELDS, draft, RECORD)).toEqual([{ method: "DELETE", path: "/certificate" }]);
  });
});

test("linesOf leaves out empty lines and the space around", () => {
  expect(linesOf("\n a \r\n\n b\t\n")).toEqual(["a", "b"]);
});
