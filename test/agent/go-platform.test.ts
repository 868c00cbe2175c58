import { expect, test } from "bun:test";
import { goPlatform } from "../../src/agent/go-platform.ts";

test.each([
  ["linux", "x64", "linux", "amd64"],
  ["darwin", "arm64", "darwin", "arm64"],
  ["win32", "ia32", "windows", "386"],
  ["freebsd", "arm", "freebsd", "arm"],
])("goPlatform calls %s on %s %s on %s", (platform, arch, os, architecture) => {
  expect(goPlatform({ platform, arch })).toEqual({ os, architecture });
});
