/** What comes behind a request that the edge refuses is nobody's request. */
import { describe, expect, test } from "bun:test";
import { LOCKED, OPEN, statusesIn, ThreeDoors, WALLED } from "../../support/three-doors.ts";

const HIDDEN = `GET /hidden HTTP/1.1\r\nHost: ${OPEN}\r\n\r\n`;

/** Heads that the edge refuses, each with what its body is framed by; HIDDEN stands in the body. */
const LENGTH = `Content-Length: ${HIDDEN.length}\r\n\r\n${HIDDEN}`;
const CHUNKED = `Transfer-Encoding: chunked\r\n\r\n${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`;
const REFUSED: readonly (readonly [string, string, number])[] = [
  ["for want of a password", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\n`, 401],
  ["for its address", `POST / HTTP/1.1\r\nHost: ${WALLED}\r\n`, 403],
  ["for a name of nobody", "POST / HTTP/1.1\r\nHost: nobody.edge.test\r\n", 404],
  ["although it waits to be asked for its body", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\nExpect: 100-continue\r\n`, 401],
  ["while it offers an upgrade", `POST / HTTP/1.1\r\nHost: ${LOCKED}\r\nConnection: upgrade\r\nUpgrade: h2c\r\n`, 401],
  ["for a field", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nX : y\r\n`, 400],
  ["for two hosts", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nHost: ${LOCKED}\r\n`, 400],
  ["for another host in its target", `POST http://${LOCKED}/ HTTP/1.1\r\nHost: ${OPEN}\r\n`, 400],
  ["for a second length", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nContent-Length: 0\r\n`, 400],
  ["for a second coding", `POST / HTTP/1.1\r\nHost: ${OPEN}\r\nTransfer-Encoding: identity\r\n`, 400],
];

describe.each([
  ["a length", LENGTH],
  ["chunks", CHUNKED],
] as const)("a body with %s", (_, body) => {
  test.each(REFUSED)("of a request that is refused %s is nobody's request", async (__, head, status) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(head + body);
    const heard = await end.getsEnd();
    // A request with two codings is one in a coding that nobody knows.
    const expected = head.includes("identity") && body === CHUNKED ? 501 : status;
    expect(statusesIn(heard)).toEqual([expected]);
    expect(heard).toContain("\r\nConnection: close\r\n");
    expect(doors.got(OPEN) + doors.got(LOCKED) + doors.got(WALLED)).toBe("");
    end.connection.end();
  });
});

test("What follows a CONNECT is nobody's request", async () => {
  await using doors = await ThreeDoors.open();
  const end = await doors.visitor();
  end.send(`CONNECT ${OPEN}:80 HTTP/1.1\r\nHost: ${OPEN}:80\r\n\r\n${HIDDEN}`);
  expect(statusesIn(await end.getsEnd())).toHaveLength(1);
  expect(doors.got(OPEN)).toBe("");
  end.connection.end();
});
