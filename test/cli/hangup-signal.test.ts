import { expect, test } from "bun:test";
import { onHangup } from "../../src/cli/hangup-signal.ts";

test("onHangup calls its listener at each SIGHUP until disposed of, and leaves nothing behind", () => {
  const before = process.listenerCount("SIGHUP");
  let heard = 0;
  {
    using _hangup = onHangup(() => {
      heard += 1;
    });
    process.emit("SIGHUP");
    process.emit("SIGHUP");
  }
  process.emit("SIGHUP");
  expect([heard, process.listenerCount("SIGHUP")]).toEqual([2, before]);
});
