import { expect, test } from "bun:test";
import { pipe } from "../../src/net/pipe.ts";
import { duplexContract } from "../support/duplex-contract.ts";
import { RecordingListener } from "../support/recording-listener.ts";

duplexContract("pipe", () => Promise.resolve({ ends: pipe() }));

test("pipe names its ends as it was told", () => {
  const [a, b] = pipe({ remoteAddresses: ["<edge>", "<agent>"] });
  expect([a.remoteAddress, b.remoteAddress]).toEqual(["<edge>", "<agent>"]);
});

test("pipe carries the code of a reset to both ends", async () => {
  const [a, b] = pipe();
  const atA = new RecordingListener(a);
  const atB = new RecordingListener(b);
  a.reset(7);
  await Promise.all([atA.until(() => atA.isClosed), atB.until(() => atB.isClosed)]);
  expect([atA.cause, atB.cause]).toEqual([
    { code: "RESET", resetCode: 7 },
    { code: "RESET", resetCode: 7 },
  ]);
});
