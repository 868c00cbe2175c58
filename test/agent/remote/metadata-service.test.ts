import { expect, test } from "bun:test";
import { isMetadataService } from "../../../src/agent/remote/metadata-service.ts";

test.each([
  "169.254.169.254",
  "169.254.170.2",
  "2852039166",
  "0xa9fea9fe",
  "0251.0376.0251.0376",
  "169.254.43518",
  "169.254.169.254.",
  "::ffff:169.254.169.254",
  "::ffff:a9fe:a9fe",
  "64:ff9b::a9fe:a9fe",
  "fd00:ec2::254",
  "FD00:0EC2:0:0:0:0:0:254",
  "fd20:ce::254",
  "fe80::a9fe:a9fe",
  "fe80::1%eth0",
  "100.100.100.200",
  "168.63.129.16",
  "192.0.0.192",
  "metadata",
  "metadata.google.internal",
  "Metadata.Google.Internal.",
  "metadata.goog",
  "instance-data.ec2.internal",
])("isMetadataService knows %s", (host) => {
  expect(isMetadataService(host)).toBe(true);
});

test.each([
  "localhost",
  "127.0.0.1",
  "169.253.169.254",
  "10.0.0.1",
  "100.100.100.201",
  "fd00::1",
  "64:ff9b::7f00:1",
  "::1",
  "metadata.example.com",
  "metadata-service",
  "",
])("isMetadataService lets %p pass", (host) => {
  expect(isMetadataService(host)).toBe(false);
});
