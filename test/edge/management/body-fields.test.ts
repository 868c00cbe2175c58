import { describe, expect, test } from "bun:test";
import { z } from "zod";
import { PublicError } from "../../../src/base/errors.ts";
import { bodyFields } from "../../../src/edge/management/body-fields.ts";

const schema = z.strictObject({
  text: z.string().optional(),
  list: z.array(z.string()).optional(),
  inner: z.strictObject({ kind: z.enum(["a", "b"]) }).optional(),
});

describe("bodyFields", () => {
  const taken: readonly (readonly [body: object, fields: object])[] = [
    [{}, {}],
    [{ text: "" }, { text: "" }],
    [{ list: [] }, { list: [] }],
    [{ text: null, inner: null }, {}],
    [{ more: null, other: "", some: [], things: {} }, {}],
    [{ inner: { kind: "a" } }, { inner: { kind: "a" } }],
  ];
  test.each(taken)("bodyFields of %j are %j", (body, fields) => {
    expect(bodyFields(schema, { ...body })).toEqual(fields);
  });

  test.each([
    [{ more: 0 }, "ERR_NGROK_214", `"more"`],
    [{ more: false }, "ERR_NGROK_214", `"more"`],
    [{ inner: { kind: "a", sort: 1 } }, "ERR_NGROK_214", `"inner.sort"`],
    [{ text: 1 }, "ERR_NGROK_215", `"text"`],
    [{ list: ["a", 1] }, "ERR_NGROK_215", `"list.1"`],
    [{ inner: { kind: "c" } }, "ERR_NGROK_215", `"inner.kind"`],
    [JSON.parse(`{"__proto__": {"x": 1}}`), "ERR_NGROK_214", `"__proto__"`],
  ])("bodyFields refuses %j with %s and names the field", (body, code, name) => {
    const attempt = (): unknown => bodyFields(schema, body);
    expect(attempt).toThrow(PublicError);
    expect(attempt).toThrow(expect.objectContaining({ code, message: expect.stringContaining(name) }));
  });
});
