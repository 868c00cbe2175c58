import { describe, expect, test } from "bun:test";
import { authenticationFailed, isFatalRefusal, refusalText } from "../../src/agent/session-refusal.ts";
import { RemoteError } from "../../src/protocol/rpc/rpc-error.ts";

describe("isFatalRefusal", () => {
  test.each<[string | undefined, boolean, boolean]>([
    ["ERR_NGROK_105", true, true],
    ["ERR_NGROK_107", true, true],
    ["ERR_GINNEL_FAILED_AGENTS", true, true],
    ["ERR_GINNEL_AGENTS_WAIT", false, false],
    ["ERR_NGROK_108", true, false],
    ["ERR_NGROK_115", true, false],
    ["ERR_NGROK_120", true, true],
    ["ERR_NGROK_121", true, true],
    ["ERR_NGROK_4018", true, true],
    ["ERR_NGROK_334", false, false],
    ["ERR_GINNEL_BUSY", false, false],
    [undefined, false, false],
  ])("isFatalRefusal of %p is %p at the first session and %p later", (code, atFirst, later) => {
    const refusal = new RemoteError("no", code);
    expect([isFatalRefusal(refusal, true), isFatalRefusal(refusal, false)]).toEqual([atFirst, later]);
  });
});

describe("refusalText", () => {
  test("refusalText is what readers of the log search for", () => {
    const refusal = authenticationFailed(new RemoteError("No such token.", "ERR_NGROK_107"));
    expect(refusalText(refusal)).toBe("authentication failed: No such token.\r\n\r\nERR_NGROK_107\r\n");
  });

  test("refusalText is the text alone without a code", () => {
    expect(refusalText(new RemoteError("no", undefined))).toBe("no");
  });
});
