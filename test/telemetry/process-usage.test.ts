import { expect, test } from "bun:test";
import { closeSync, openSync } from "node:fs";
import { openDescriptors, processUsage } from "../../src/telemetry/process-usage.ts";
import { TemporaryFolder } from "../support/temporary-folder.ts";

test("processUsage is in base units", () => {
  const { cpuSeconds, residentBytes, startedAtSeconds } = processUsage();
  expect(cpuSeconds).toBeWithin(0.001, 100_000);
  expect(residentBytes).toBeWithin(1024 * 1024, 2 ** 40);
  expect(startedAtSeconds * 1_000).toBeWithin(Date.now() - 86_400_000, Date.now());
});

test("processUsage counts descriptors that are open", () => {
  const before = processUsage().openDescriptors;
  if (before === undefined) throw new Error("this system does not list the descriptors of a process");
  const opened = Array.from({ length: 10 }, () => openSync(import.meta.path, "r"));
  const during = processUsage().openDescriptors;
  for (const descriptor of opened) closeSync(descriptor);
  expect(during).toBe(before + 10);
});

test("openDescriptors asks the first folder that there is, without its own, and does not know where there is none", async () => {
  using folder = new TemporaryFolder();
  for (const descriptor of [0, 1, 2, 3]) await Bun.write(folder.file(`fd/${descriptor}`), "");
  expect(openDescriptors([folder.file("none"), folder.file("fd"), folder.path])).toBe(3);
  expect(openDescriptors([folder.file("none")])).toBeUndefined();
});
