import { expect, test } from "bun:test";
import { failureOf } from "../../../../../src/edge/dashboard/client/data/call-failure.ts";
import { faultyField } from "../../../../../src/edge/dashboard/client/resource/field-fault.ts";
import type { Field } from "../../../../../src/edge/dashboard/client/resource/field.ts";

const FIELDS: readonly Field[] = [
  { name: "description", label: "Description", kind: "text" },
  { name: "acl", label: "ACL", kind: "lines", faults: /^ERR_NGROK_600$/ },
];

test.each([
  ["the field that the edge names", { error_code: "ERR_NGROK_215", details: { field: "description" } }, "description"],
  ["the field that a part of is named", { error_code: "ERR_NGROK_215", details: { field: "acl.1" } }, "acl"],
  ["the field that the code belongs to", { error_code: "ERR_NGROK_600", details: {} }, "acl"],
  ["no field for other codes", { error_code: "ERR_NGROK_215", details: { field: "other" } }, undefined],
  ["no field for answers of others", undefined, undefined],
])("faultyField finds %s", (_, body, name) => {
  expect(faultyField(FIELDS, failureOf(400, body))?.name).toBe(name);
});

test("faultyField finds none for a fault of the page", () => {
  expect(faultyField(FIELDS, new Error("acl"))).toBeUndefined();
});
