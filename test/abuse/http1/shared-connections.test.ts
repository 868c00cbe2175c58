/**
 * Requests of one visitor connection, in clear or behind TLS, for endpoints with different authorisation, through a real edge: each is judged by its own
 * endpoint, and what an upstream gets is, octet for octet, what was meant for it.
 */
import { describe, expect, test } from "bun:test";
import {
  get,
  GUARDS,
  LOCKED,
  OK,
  onward,
  OPEN,
  statusesIn,
  ThreeDoors,
  WALLED,
  WITH_PASSWORD,
} from "../../support/three-doors.ts";
import { SCHEMES } from "../../support/tunnel-system.ts";

const WAYS = SCHEMES.flatMap((scheme) => GUARDS.map((guard) => [scheme, guard] as const));

describe.each(WAYS)("requests of one connection with %s, judged by %s,", (scheme, guard) => {
  test.each([
    [LOCKED, 401],
    [WALLED, 403],
    ["nobody.edge.test", 404],
  ] as const)("for the open endpoint and for %s are each judged by their own", async (host, refusal) => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", host) + get("/3", OPEN));
    const stream = await doors.stream(OPEN, 0, "/1");
    stream.write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 2);
    (await doors.stream(OPEN, 0, "/3")).write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 3);
    expect(statusesIn(heard.text)).toEqual([200, refusal, 200]);
    expect(doors.got(OPEN)).toBe(onward(get("/1", OPEN), scheme) + onward(get("/3", OPEN), scheme));
    expect(doors.got(LOCKED) + doors.got(WALLED)).toBe("");
    connection.reset();
  });

  test("take a password along neither to the next request nor to another endpoint", async () => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    const first = get("/1", LOCKED, WITH_PASSWORD);
    end.send(first + get("/2", LOCKED) + get("/3", WALLED, WITH_PASSWORD));
    (await doors.stream(LOCKED, 0, "/1")).write(Buffer.from(OK));
    await heard.until(() => statusesIn(heard.text).length === 3);
    expect(statusesIn(heard.text)).toEqual([200, 401, 403]);
    expect(doors.got(LOCKED)).toBe(onward(first, scheme));
    expect(doors.got(WALLED)).toBe("");
    connection.reset();
  });

  test("keep to the response that their own upstream gave", async () => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", LOCKED, WITH_PASSWORD));
    // The second answer comes before its request was there: it is nobody's.
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(OK + OK.replace("ok", "no")));
    (await doors.stream(LOCKED, 0, "/2")).write(Buffer.from(OK.replace("ok", "b2")));
    await heard.until(() => heard.text.endsWith("b2"));
    expect(heard.text).toBe(OK + OK.replace("ok", "b2"));
    connection.reset();
  });

  test("that an upstream answered too early take nothing of the body for a request", async () => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    const hidden = get("/hidden", LOCKED, WITH_PASSWORD);
    const post = `POST /1 HTTP/1.1\r\nHost: ${OPEN}\r\nContent-Length: ${hidden.length}\r\n\r\n`;
    end.send(post);
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(OK));
    await heard.until(() => heard.text.endsWith(OK));
    end.send(hidden + get("/2", WALLED));
    await heard.until(() => statusesIn(heard.text).length === 2);
    expect(statusesIn(heard.text)).toEqual([200, 403]);
    await doors.stream(OPEN, 0, hidden);
    expect(doors.got(OPEN)).toBe(onward(post, scheme) + hidden);
    expect(doors.got(LOCKED)).toBe("");
    connection.reset();
  });
});

describe.each(WAYS)("an upgrade with %s, where %s judge,", (scheme, guard) => {
  const offer = get("/1", OPEN, "Connection: upgrade\r\nUpgrade: websocket\r\n");

  test.each(["400 Bad Request", "426 Upgrade Required", "200 OK"])(
    "that the upstream answers with %s leaves what follows to be judged",
    async (status) => {
      await using doors = await ThreeDoors.open(scheme, guard);
      const end = await doors.visitor();
      const { heard, connection } = end;
      end.send(offer + get("/2", LOCKED) + get("/3", WALLED));
      (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(`HTTP/1.1 ${status}\r\nContent-Length: 0\r\n\r\n`));
      await heard.until(() => statusesIn(heard.text).length === 3);
      expect(statusesIn(heard.text)).toEqual([Number(status.slice(0, 3)), 401, 403]);
      expect(doors.got(OPEN)).toBe(onward(offer, scheme));
      expect(doors.got(LOCKED) + doors.got(WALLED)).toBe("");
      connection.reset();
    },
  );

  test("that the upstream makes leads to that upstream only", async () => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    const follows = get("/2", LOCKED, WITH_PASSWORD);
    end.send(offer + follows);
    const stream = await doors.stream(OPEN, 0, "/1");
    stream.write(Buffer.from("HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n"));
    await doors.stream(OPEN, 0, "/2");
    end.send("more");
    await doors.stream(OPEN, 0, "more");
    expect(doors.got(OPEN)).toBe(`${onward(offer, scheme)}${follows}more`);
    expect(doors.got(LOCKED)).toBe("");
    expect(statusesIn(heard.text)).toEqual([101]);
    connection.reset();
  });

  test("that nobody asked for is none", async () => {
    await using doors = await ThreeDoors.open(scheme, guard);
    const end = await doors.visitor();
    const { heard, connection } = end;
    end.send(get("/1", OPEN) + get("/2", LOCKED));
    const stream = await doors.stream(OPEN, 0, "/1");
    stream.write(Buffer.from(`HTTP/1.1 101 X\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${OK}`));
    await heard.until(() => statusesIn(heard.text).length === 2);
    expect(statusesIn(heard.text)).toEqual([502, 401]);
    expect(doors.got(OPEN)).toBe(onward(get("/1", OPEN), scheme));
    expect(doors.got(LOCKED)).toBe("");
    connection.reset();
  });
});
