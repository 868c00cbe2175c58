/** What an upstream sends beyond its response, or claims to send, reaches no visitor as the answer to another request. */
import { describe, expect, test } from "bun:test";
import { EMPTY_OK, get, LOCKED, OK, OPEN, statusesIn, ThreeDoors, WITH_PASSWORD } from "../../support/three-doors.ts";

/** What an upstream answers, and what of it a visitor hears before the connection ends or its next request is answered. */
const FAKE = "HTTP/1.1 200 Fake\r\nContent-Length: 0\r\n\r\n";
const CLAIMS = `Content-Length: ${FAKE.length}\r\n\r\n`;
const INTERIM = "HTTP/1.1 103 Hints\r\nLink: x\r\n\r\n";
const NOT_MODIFIED = `HTTP/1.1 304 X\r\n${CLAIMS}`;

describe("a response", () => {
  test.each([
    ["to GET with more behind it", "GET", EMPTY_OK + FAKE, EMPTY_OK],
    [
      "to HEAD with the body that it tells the length of",
      "HEAD",
      `HTTP/1.1 200 X\r\n${CLAIMS}${FAKE}`,
      `HTTP/1.1 200 X\r\n${CLAIMS}`,
    ],
    ["304 with the body that it tells the length of", "GET", NOT_MODIFIED + FAKE, NOT_MODIFIED],
    ["204 with more behind it", "GET", `HTTP/1.1 204 X\r\n\r\n${FAKE}`, "HTTP/1.1 204 X\r\n\r\n"],
    ["behind interim ones", "GET", INTERIM + INTERIM + EMPTY_OK + FAKE, INTERIM + INTERIM + EMPTY_OK],
  ])("%s is not followed by another", async (_, method, response, expected) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(`${method} /1 HTTP/1.1\r\nHost: ${OPEN}\r\n\r\n${get("/2", LOCKED, WITH_PASSWORD)}`);
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(response));
    (await doors.stream(LOCKED, 0, "/2")).write(Buffer.from(OK));
    await end.heard.until(() => end.heard.text.endsWith(OK));
    expect(end.heard.text).toBe(expected + OK);
    end.connection.reset();
  });

  test.each([
    ["204 that claims a body", `HTTP/1.1 204 X\r\n${CLAIMS}`, FAKE],
    ["204 in chunks", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", "0\r\n\r\n"],
    ["of HTTP/1.0", `HTTP/1.0 200 X\r\nContent-Length: 0\r\n\r\n`, FAKE],
    ["that is the last by its own word", "HTTP/1.1 200 X\r\nConnection: close\r\nContent-Length: 0\r\n\r\n", FAKE],
  ])("%s is the last, and no further request is read", async (_, response, more) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(get("/1", OPEN) + get("/2", LOCKED, WITH_PASSWORD));
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(response + more));
    expect(await end.getsEnd()).toBe(response);
    expect(doors.got(LOCKED)).toBe("");
    end.connection.end();
  });

  test.each([
    ["interim with a length", `HTTP/1.1 103 X\r\n${CLAIMS}${FAKE}${FAKE}`],
    ["interim in chunks", `HTTP/1.1 100 X\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${FAKE}`],
    ["with a TAB behind its coding", `HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\t\r\n\r\n0\r\n\r\n`],
    ["with a length and a coding", `HTTP/1.1 200 X\r\nTransfer-Encoding: chunked\r\n${CLAIMS}0\r\n\r\n`],
  ])("%s is a 502, and the next request is judged by itself", async (_, response) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(get("/1", OPEN) + get("/2", LOCKED));
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(response));
    await end.heard.until(() => statusesIn(end.heard.text).length === 2);
    expect(statusesIn(end.heard.text)).toEqual([502, 401]);
    end.connection.reset();
  });

  test.each([
    ["a length", "Content-Length: 5\r\n\r\nabc"],
    ["chunks", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n"],
    ["chunks, but for the last line", "Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n"],
  ])("that is cut, with %s, ends in a reset, and no further request is read", async (_, rest) => {
    await using doors = await ThreeDoors.open();
    const end = await doors.visitor();
    end.send(get("/1", OPEN) + get("/2", LOCKED, WITH_PASSWORD));
    const stream = await doors.stream(OPEN, 0, "/1");
    stream.write(Buffer.from(`HTTP/1.1 200 X\r\n${rest}`));
    await end.gets("abc");
    stream.end();
    expect(await end.getsCut()).toBe(`HTTP/1.1 200 X\r\n${rest}`);
    expect(doors.got(LOCKED)).toBe("");
  });
});
