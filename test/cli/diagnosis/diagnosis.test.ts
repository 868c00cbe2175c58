import { describe, expect, test } from "bun:test";
import type { StepGroup } from "../../../src/agent/diagnosis/step.ts";
import { groupText, verdictText, withoutSecrets } from "../../../src/cli/diagnosis/diagnosis.ts";

const FINE: StepGroup = { title: "Edge", steps: [{ name: "TLS", verdict: "ok", detail: "certificate" }] };
const LATE: StepGroup = {
  title: "Edge",
  steps: [
    { name: "TCP (IPv6)", verdict: "warn", detail: "timeout", remedy: "Wait.", code: "ERR_NGROK_8002" },
    { name: "TLS", verdict: "fail", detail: "expired", remedy: "Renew it.", code: "ERR_NGROK_8003" },
  ],
};

describe("groupText", () => {
  test("groupText ends each step in its mark and says below what is to be said", () => {
    expect(groupText(LATE)).toBe(
      [
        "Edge",
        `  ${"TCP (IPv6)".padEnd(60)} [ WARN ]`,
        "      timeout",
        "      Wait. (ERR_NGROK_8002)",
        `  ${"TLS".padEnd(60)} [ FAIL ]`,
        "      expired",
        "      Renew it. (ERR_NGROK_8003)",
        "",
      ].join("\n"),
    );
  });

  test("groupText lets nothing steer the terminal that an edge or a file says", () => {
    const text = groupText({
      title: "Edge - Region \x1b]0;x\x07",
      steps: [{ name: "a\x1b[2J", verdict: "fail", detail: "b\nc\r", remedy: "d\x07", code: "ERR_NGROK_8004" }],
    });
    expect(text.replaceAll("\n", "")).not.toMatch(/\p{Cc}/u);
    expect(text.split("\n").length).toBe(5);
  });
});

describe("verdictText", () => {
  test.each([
    [[FINE], undefined, "Connectivity is fine\n"],
    [[FINE], { region: "eu\x1b", latencyMs: 0.4 }, "Connectivity is fine: region eu\\u001b, latency 1 ms\n"],
    [[{ ...LATE, steps: LATE.steps.slice(0, 1) }], undefined, "Connectivity is fine\n"],
    [[FINE, LATE], { region: "eu", latencyMs: 1 }, "Failed:\n  ERR_NGROK_8003  Edge: TLS\n"],
  ])("verdictText of %j with %j", (groups, best, text) => {
    expect(verdictText({ groups, best })).toBe(text);
  });
});

describe("withoutSecrets", () => {
  test("withoutSecrets leaves no secret in any text", () => {
    const text = "token T0KEN and password pass-word";
    const group: StepGroup = {
      title: text,
      steps: [
        { name: text, verdict: "ok", detail: text },
        { name: text, verdict: "fail", detail: text, remedy: text, code: "ERR_NGROK_8004" },
      ],
    };
    const clean = "token *** and password ***";
    expect(withoutSecrets(group, ["T0KEN", undefined, "", "an", "pass-word"])).toEqual({
      title: clean,
      steps: [
        { name: clean, verdict: "ok", detail: clean },
        { name: clean, verdict: "fail", detail: clean, remedy: clean, code: "ERR_NGROK_8004" },
      ],
    });
  });

  test("withoutSecrets leaves nothing of a secret that another is a part of", () => {
    const group: StepGroup = { title: "password s3cret-and-more", steps: [] };
    expect(withoutSecrets(group, ["s3cret", "s3cret-and-more"]).title).toBe("password ***");
  });
});
