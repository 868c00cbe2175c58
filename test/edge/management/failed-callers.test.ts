import { describe, expect, test } from "bun:test";
import { PublicError } from "../../../src/base/errors.ts";
import {
  FAILURE_WINDOW_MS,
  FailedCallers,
  MAX_FAILURES_OF_ADDRESS,
} from "../../../src/edge/management/failed-callers.ts";
import { CallRefused } from "../../../src/edge/management/failure-answer.ts";

const IP = "192.0.2.1";

/** Callers whose right key is `right`, by a clock that stands where it is put. */
class Entrance {
  readonly #callers = new FailedCallers();
  nowMs = 0;

  async try(
    { ip, key }: { readonly ip: string; readonly key: string },
    fault: () => Error = () => new PublicError("ERR_NGROK_203", {}),
  ): Promise<string> {
    try {
      return await this.#callers.check(
        ip,
        () => this.nowMs,
        async () => {
          if (key !== "right") throw fault();
          return "in";
        },
      );
    } catch (error) {
      if (error instanceof CallRefused) return `${error.error.code} ${error.headers["Retry-After"]}`;
      return error instanceof PublicError ? error.code : "fault";
    }
  }

  async fail(ip: string, times = MAX_FAILURES_OF_ADDRESS): Promise<void> {
    for (let count = 0; count < times; count++)
      expect(await this.try({ ip, key: `wrong ${count}` })).toBe("ERR_NGROK_203");
  }
}

describe("FailedCallers", () => {
  test("FailedCallers refuses too many wrong keys of an address until the window has passed, and no right one", async () => {
    const entrance = new Entrance();
    await entrance.fail(IP);
    expect(await entrance.try({ ip: IP, key: "wrong" })).toMatch(/^ERR_GINNEL_FAILED_CALLERS [1-9]\d*$/);
    expect(await entrance.try({ ip: IP, key: "right" })).toBe("in");
    entrance.nowMs = 2 * FAILURE_WINDOW_MS;
    expect(await entrance.try({ ip: IP, key: "wrong" })).toBe("ERR_NGROK_203");
  });

  test("FailedCallers counts what was right as nothing", async () => {
    const entrance = new Entrance();
    await entrance.fail(IP, MAX_FAILURES_OF_ADDRESS - 1);
    for (let count = 0; count < 100; count++) expect(await entrance.try({ ip: IP, key: "right" })).toBe("in");
    await entrance.fail(IP, 1);
  });

  test("FailedCallers counts those that are looked at together", async () => {
    const entrance = new Entrance();
    const all = Array.from({ length: MAX_FAILURES_OF_ADDRESS + 5 }, (_, index) =>
      entrance.try({ ip: IP, key: `wrong ${index}` }),
    );
    const answers = await Promise.all(all);
    expect(answers.filter((answer) => answer === "ERR_NGROK_203")).toHaveLength(MAX_FAILURES_OF_ADDRESS);
  });

  test.each([
    ["2001:db8::1", "2001:db8::ffff:ffff:ffff:ffff", true],
    ["2001:db8::1", "2001:db8:0:1::1", false],
    ["192.0.2.1", "192.0.2.2", false],
    ["192.0.2.1", "::ffff:192.0.2.1", true],
    ["", "pipe", true],
  ])("FailedCallers takes %j and %j for one address: %p", async (first, second, isOne) => {
    const entrance = new Entrance();
    await entrance.fail(first);
    const answer = await entrance.try({ ip: second, key: "wrong" });
    expect(answer.startsWith("ERR_GINNEL_FAILED_CALLERS")).toBe(isOne);
  });

  test("FailedCallers counts no fault that is not the caller's", async () => {
    const entrance = new Entrance();
    for (let count = 0; count < 2 * MAX_FAILURES_OF_ADDRESS; count++) {
      expect(await entrance.try({ ip: IP, key: "x" }, () => new Error("the disk is full"))).toBe("fault");
    }
    expect(await entrance.try({ ip: IP, key: "wrong" })).toBe("ERR_NGROK_203");
  });
});
