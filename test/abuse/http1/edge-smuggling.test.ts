/** All known smuggling attempts through a real edge, judged by the octets that upstreams get. */
import { describe, expect, test } from "bun:test";
import { readOwnRequests } from "../../support/http1-reading.ts";
import { requestCases } from "../../support/smuggling-cases.ts";
import { eventually } from "../../support/turns.ts";
import { LOCKED, OPEN, sentTo, statusesIn, ThreeDoors, WALLED } from "../../support/three-doors.ts";

describe("smuggling attempts through the edge", () => {
  test.each(requestCases())("$shown: each upstream gets what we read, and nothing else", async ({ wire }) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(wire);
    end.connection.end();
    await eventually("the edge has done with it", () => {
      doors.answerAll();
      return end.heard.hasEnded || end.heard.isClosed;
    });
    const { messages } = readOwnRequests(wire);
    const meant = messages.filter(({ head }) => head.host.name === OPEN && head.method !== "CONNECT");
    const whole = meant.filter(({ isWhole }) => isWhole);
    const got = doors.got(OPEN);
    // Of a message that is cut or refused in its middle more or less may have left.
    expect(got).toStartWith(sentTo(whole));
    expect(sentTo(meant)).toStartWith(got);
    expect(statusesIn(end.heard.text).filter((status) => status === 200)).toHaveLength(whole.length);
    expect(doors.got(LOCKED) + doors.got(WALLED)).toBe("");
    end.connection.end();
  });
});
