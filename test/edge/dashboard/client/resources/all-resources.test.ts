import { describe, expect, test } from "bun:test";
import { RESOURCE_PAGES } from "../../../../../src/edge/dashboard/client/resources/all-resources.ts";
import { ipPolicyRules } from "../../../../../src/edge/dashboard/client/resources/ip-policies.ts";
import { createBody, draftOf } from "../../../../../src/edge/dashboard/client/resource/record-draft.ts";
import { RESOURCES } from "../../../../../src/edge/management/resource-table.ts";

const PAGES = [...RESOURCE_PAGES, ipPolicyRules("ipp_2MTGBfzZa0aXJjBBZzyEjHPmtxZ")];

describe.each(PAGES)("the page of $path", ({ path, listKey, fields = [], actions }) => {
  const spec = RESOURCES.find((resource) => resource.path === path);

  test("asks for what the management API has", () => {
    expect(spec?.listKey).toBe(listKey);
    const known = spec?.actions.map(({ method, path: call }) => `${method} ${call}`);
    for (const action of actions) expect(known).toContain(`${action.method} /${path}/{id}${action.path}`);
  });

  test("fills in fields that the management API knows", () => {
    const full = Object.fromEntries(fields.map(({ name }) => [name, "order:ecdsa"]));
    const created = spec?.actions.find(({ name }) => name === "create")?.fields?.shape ?? {};
    const updated = spec?.actions.find(({ name }) => name === "update")?.fields?.shape ?? {};
    expect(Object.keys(created)).toEqual(expect.arrayContaining(Object.keys(createBody(fields, full))));
    const changeable = fields.filter(({ isFixed }) => isFixed !== true);
    expect(Object.keys(updated)).toEqual(expect.arrayContaining(Object.keys(createBody(changeable, full))));
    expect(Object.keys(draftOf(fields, undefined))).toEqual(fields.map(({ name }) => name));
  });
});
