import { expect, test } from "bun:test";
import { join } from "node:path";
import { Glob } from "bun";
import { ERRORS } from "../../src/base/error-catalogue.ts";

const PARTS = join(import.meta.dir, "../../src/base/catalogue");

test("ERRORS holds every entry of its parts, and each code is in one of them", async () => {
  const files = [...new Glob("*.ts").scanSync({ cwd: PARTS, absolute: true })];
  const parts = await Promise.all(files.map(async (file): Promise<object> => import(file)));
  const codes = parts.flatMap((part) => Object.values(part)).flatMap((entries: object) => Object.keys(entries));
  expect(codes.sort()).toEqual(Object.keys(ERRORS).sort());
});

test.each(Object.entries(ERRORS))("%s is a code of ours with a status of HTTP's failures", (code, { status }) => {
  expect(code).toMatch(/^ERR_(?:NGROK_\d+|GINNEL_[A-Z]+(?:_[A-Z]+)*)$/);
  expect(status).toBeWithin(400, 600);
});
