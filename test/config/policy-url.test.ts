import { expect, test } from "bun:test";
import { policyUrlFault } from "../../src/config/policy-url.ts";

test.each([
  ["https://example.com/policy.yml", undefined],
  ["http://localhost:8080/policy.yml", undefined],
  ["http://127.9.0.1/", undefined],
  ["http://[::1]:1/", undefined],
  ["http://example.com/policy.yml", "has to be an https URL"],
  ["http://localhost.example.com/", "has to be an https URL"],
  ["file:///etc/passwd", "has to be an https URL"],
  ["policy.yml", "has to be an https URL"],
  ["", "has to be an https URL"],
  ["https://ann@example.com/", "may not hold a password"],
  ["https://:secret@example.com/", "may not hold a password"],
])("policyUrlFault of %p is %p", (url, fault) => {
  expect(policyUrlFault(url)).toBe(fault);
});
