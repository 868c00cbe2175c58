/**
 * All known smuggling attempts through a real edge, in clear and behind TLS, judged by the octets that upstreams get and by what the
 * visitor is told.
 */
import { describe, expect, test } from "bun:test";
import type { RequestHead } from "../../../src/protocol/http1/request-head.ts";
import { type OwnMessage, readOwnRequests } from "../../support/http1-reading.ts";
import { requestCases } from "../../support/smuggling-cases.ts";
import { LOCKED, OPEN, sentTo, statusesIn, ThreeDoors, WALLED } from "../../support/three-doors.ts";
import { type Scheme, SCHEMES } from "../../support/tunnel-system.ts";
import { eventually } from "../../support/turns.ts";

/** Of the refusal that the verdict on a case ends with. */
function refusalIn(verdict: string): readonly number[] {
  const [, status] = /(?:^|, )(\d{3}) [a-z0-9-]+$/.exec(verdict) ?? [];
  return status === undefined ? [] : [Number(status)];
}

/** What becomes of a message that was accepted: the upstream answers whole ones. */
function answersTo({ head, isWhole }: OwnMessage<RequestHead>): readonly number[] {
  if (head.method === "CONNECT") return [501];
  if (head.host.name !== OPEN) return [401];
  return isWhole ? [200] : [];
}

/** Behind TLS an octet of zero begins the words of an agent, who is told no status. */
function isAgent(scheme: Scheme, wire: string): boolean {
  return scheme === "https" && wire.startsWith("\0");
}

describe.each(SCHEMES)("smuggling attempts through the edge with %s", (scheme) => {
  test.each(requestCases())(
    "$shown: each upstream gets what we read and nothing else, and the visitor the verdict",
    async ({ wire, verdict }) => {
      await using doors = await ThreeDoors.open(scheme);
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
      expect(got).toStartWith(sentTo(whole, scheme));
      expect(sentTo(meant, scheme)).toStartWith(got);
      const refusal = isAgent(scheme, wire) ? [] : refusalIn(verdict);
      expect(statusesIn(end.heard.text)).toEqual([...messages.flatMap(answersTo), ...refusal]);
      expect(doors.got(LOCKED) + doors.got(WALLED)).toBe("");
      end.connection.end();
    },
  );
});
