import { expect, test } from "bun:test";
import { listAt, recordsIn, textAt } from "../../../../../src/edge/dashboard/client/data/api-record.ts";

const RECORD = {
  id: "rd_1",
  certificate: { id: "cert_1" },
  none: null,
  port: 443,
  names: ["a", 1, "b"],
  refs: [{ id: "ipp_1", uri: "u" }, { uri: "u" }, null],
};

test.each([
  ["id", "rd_1"],
  ["certificate.id", "cert_1"],
  ["certificate", ""],
  ["none.id", ""],
  ["absent.id", ""],
  ["constructor", ""],
  ["port", "443"],
])("textAt reads %s", (path, text) => {
  expect(textAt(RECORD, path)).toBe(text);
});

test.each([
  ["names", ["a", "b"]],
  ["refs", ["ipp_1"]],
  ["id", []],
])("listAt reads %s", (path, list) => {
  expect(listAt(RECORD, path)).toEqual(list);
});

test.each([
  [{ keys: [{ id: "ak_1" }, { name: "no record" }, null] }, ["ak_1"]],
  [{ other: [{ id: "ak_1" }] }, []],
  [null, []],
])("recordsIn takes the records of %j", (answer, ids) => {
  expect(recordsIn(answer, "keys").map(({ id }) => id)).toEqual(ids);
});
