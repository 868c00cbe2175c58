import { expect, test } from "bun:test";
import { PRODUCT_VERSION } from "../../src/base/product-version.ts";
import manifest from "../../package.json";

test("PRODUCT_VERSION is the version of the package", () => {
  expect(PRODUCT_VERSION).toBe(manifest.version);
});
