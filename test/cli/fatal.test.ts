import { describe, expect, test } from "bun:test";
import { ProtocolError, PublicError, UsageError } from "../../src/base/errors.ts";
import { describeFailure, renderFailure } from "../../src/cli/fatal.ts";
import { SessionError } from "../../src/net/session-error.ts";

const LINK = "ERROR:  https://ngrok.com/docs/errors/err_ngrok_107\n";

describe("renderFailure", () => {
  test.each([
    ["one line", { text: "it broke" }, "ERROR:  it broke\nERROR:  \n"],
    ["several lines", { text: "a\n\nb\r\nc\n" }, "ERROR:  a\nERROR:  \nERROR:  b\nERROR:  c\nERROR:  \n"],
    [
      "a code",
      { text: "refused", code: "ERR_NGROK_107" },
      `ERROR:  refused\nERROR:  \nERROR:  ERR_NGROK_107\n${LINK}ERROR:  \n`,
    ],
    [
      "a code that the text of an edge ends with",
      { text: "authentication failed: refused\r\n\r\nERR_NGROK_107\r\n", code: "ERR_NGROK_107" },
      `ERROR:  authentication failed: refused\nERROR:  \nERROR:  ERR_NGROK_107\n${LINK}ERROR:  \n`,
    ],
    [
      "a code of our own, which has no page",
      { text: "no", code: "ERR_GINNEL_BUSY" },
      "ERROR:  no\nERROR:  \nERROR:  ERR_GINNEL_BUSY\nERROR:  \n",
    ],
    [
      "what would steer a terminal as text",
      { text: "no \u001b[2J\u009b1m\rERROR\u202e" },
      "ERROR:  no \\u001b[2J\\u009b1m\\rERROR\\u202e\nERROR:  \n",
    ],
  ])("renderFailure prints %s", (_, failure, text) => {
    expect(renderFailure(failure)).toBe(text);
  });
});

describe("describeFailure", () => {
  test("describeFailure tells the text, the hint and the code of a published error", () => {
    const { text, code } = describeFailure(new PublicError("ERR_NGROK_107", {}));
    expect(code).toBe("ERR_NGROK_107");
    expect(text).toMatch(/^The authtoken is not known.*\nAsk the operator/);
  });

  test("describeFailure keeps the code of a published error that a place was added to", () => {
    const cause = new PublicError("ERR_NGROK_107", {});
    const { text, code } = describeFailure(new UsageError("line 3: no such token", { cause }));
    expect(code).toBe("ERR_NGROK_107");
    expect(text).toMatch(/^line 3: no such token\nAsk the operator/);
  });

  test("describeFailure tells of an edge that breaks the rules, or is silent, without a stack", () => {
    expect(describeFailure(new ProtocolError("The Bind reply is no JSON."))).toEqual({
      text: "The Bind reply is no JSON.",
    });
    expect(describeFailure(new SessionError("timed out", "No reply."))).toEqual({ text: "No reply." });
  });

  test("describeFailure tells a fault of the user as it is, and one of ours with its stack", () => {
    expect(describeFailure(new UsageError("No such file."))).toEqual({ text: "No such file." });
    expect(describeFailure(new Error("oh")).text).toMatch(/^Internal error: Error: oh\n\s+at /);
    expect(describeFailure("oh")).toEqual({ text: "Internal error: oh" });
  });
});
