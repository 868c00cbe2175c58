/**
 * Streams of one connection of HTTP/2 for endpoints with different authorisation, through a real edge: each is judged by its own
 * endpoint, whatever those before and beside it were given.
 */
import { describe, expect, test } from "bun:test";
import type { ClientHttp2Session, OutgoingHttpHeaders } from "node:http2";
import { readOwnRequests } from "../../support/http1-reading.ts";
import { framesIn, headerBlock, http2Frame, PREFACE } from "../../support/http2-frames.ts";
import { get, GUARDS, LOCKED, OK, OPEN, PASSWORD_FIELD, ThreeDoors, WALLED } from "../../support/three-doors.ts";
import { eventually } from "../../support/turns.ts";

const WITH_PASSWORD = { authorization: PASSWORD_FIELD };

const HIDDEN = get("/hidden", LOCKED, `Authorization: ${PASSWORD_FIELD}\r\n`);
const END_STREAM = 1;
const END_HEADERS = 4;
/** The field `:status: 400`, as RFC 7541 appendix A numbers it, on the wire. */
const STATUS_400 = 0x8c;

type Fields = readonly (readonly [name: string, value: string])[];
const START: Fields = [
  [":method", "POST"],
  [":scheme", "https"],
  [":authority", OPEN],
];
const GOOD: Fields = [...START, [":path", "/"], ["authorization", PASSWORD_FIELD]];

/** Fields that mean another request to somebody. */
const MISLEADING: readonly (readonly [string, Fields])[] = [
  ["another host", [...GOOD, ["host", LOCKED]]],
  ["a request in its path", [...START, [":path", `/ HTTP/1.1\r\nHost: ${LOCKED}\r\nX: `]]],
  ["a space in its path", [...START, [":path", "/ HTTP/1.1"]]],
  ["a request in its method", [[":method", `GET / HTTP/1.1\r\nHost: ${LOCKED}\r\nX:`], ...GOOD.slice(1)]],
  ["two authorities", [...GOOD.slice(0, 3), [":authority", LOCKED], ...GOOD.slice(3)]],
  ["two hosts in its authority", [...GOOD.slice(0, 2), [":authority", `${OPEN}\r\nHost: ${LOCKED}`], [":path", "/"]]],
  ["two paths", [...GOOD, [":path", "/2"]]],
  ["another scheme", [[":method", "GET"], [":scheme", "http"], ...GOOD.slice(2)]],
  ["a line end in a value", [...GOOD, ["x", `y\r\nHost: ${LOCKED}`]]],
  ["a bare LF in a value", [...GOOD, ["x", "y\nTransfer-Encoding: chunked"]]],
  ["a field in a name", [...GOOD, ["x: y\r\nhost", LOCKED]]],
  ["a colon in a name", [...GOOD, ["content-length:", "3"]]],
  ["a name in capitals", [...GOOD, ["Content-Length", "3"]]],
  ["a field of a connection", [...GOOD, ["connection", "host"]]],
  ["a coding", [...GOOD, ["transfer-encoding", "chunked"]]],
  ["a length of a body that does not come", [...GOOD, ["content-length", String(HIDDEN.length)]]],
  ["two lengths", [...GOOD, ["content-length", "0"], ["content-length", "33"]]],
];

interface Outcome {
  /** `undefined`: the stream was reset before there was one. */
  readonly status: number | undefined;
  readonly body: string;
}

/** What becomes of one stream with this request. */
function ask(
  session: ClientHttp2Session,
  path: string,
  host: string,
  more: OutgoingHttpHeaders = {},
  body?: string,
): Promise<Outcome> {
  const stream = session.request({ ":path": path, ":authority": host, ...more }, { endStream: body === undefined });
  let status: number | undefined;
  const chunks: Buffer[] = [];
  stream.on("response", (fields) => (status = fields[":status"]));
  stream.on("data", (chunk: Buffer) => chunks.push(chunk));
  stream.on("error", () => {});
  if (body !== undefined) stream.end(Buffer.from(body, "latin1"));
  return new Promise((resolve) => {
    stream.on("close", () => resolve({ status, body: Buffer.concat(chunks).toString("latin1") }));
  });
}

/** Targets and bodies of the requests that an upstream got. */
function gotRequests(doors: ThreeDoors, host: string): readonly string[] {
  return readOwnRequests(doors.got(host)).messages.map(({ head, body }) => `${head.target} ${body}`.trimEnd());
}

async function whileAnswering<T>(doors: ThreeDoors, outcome: Promise<T>): Promise<T> {
  const done = { isDone: false };
  const watched = outcome.finally(() => (done.isDone = true));
  await eventually("all streams have ended", () => {
    doors.answerAll();
    return done.isDone;
  });
  return watched;
}

describe.each(GUARDS)("streams of one connection of HTTP/2, judged by %s,", (guard) => {
  test("are each judged by their own endpoint, one after the other", async () => {
    await using doors = await ThreeDoors.open("https", guard);
    const session = await doors.http2();
    const asked = [
      ["/1", OPEN, {}, 200],
      ["/2", LOCKED, {}, 401],
      ["/3", LOCKED, WITH_PASSWORD, 200],
      ["/4", LOCKED, {}, 401],
      ["/5", WALLED, WITH_PASSWORD, 403],
      ["/6", OPEN, {}, 200],
      ["/7", "nobody.edge.test", WITH_PASSWORD, 404],
      ["/8", WALLED, {}, 403],
      ["/9", OPEN, WITH_PASSWORD, 200],
    ] as const;
    for (const [path, host, more, expected] of asked) {
      const { status } = await whileAnswering(doors, ask(session, path, host, more));
      expect([path, status]).toEqual([path, expected]);
    }
    expect([OPEN, LOCKED, WALLED].map((host) => gotRequests(doors, host))).toEqual([["/1", "/6", "/9"], ["/3"], []]);
    session.destroy();
  });

  test("are each judged by their own endpoint, all at once", async () => {
    await using doors = await ThreeDoors.open("https", guard);
    const session = await doors.http2();
    const asked = Array.from({ length: 12 }, (_, round) => [
      ask(session, `/${round}/open`, OPEN),
      ask(session, `/${round}/bare`, LOCKED),
      ask(session, `/${round}/known`, LOCKED, WITH_PASSWORD),
      ask(session, `/${round}/wall`, WALLED, WITH_PASSWORD),
    ]).flat();
    const outcomes = await whileAnswering(doors, Promise.all(asked));
    expect(outcomes.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => [200, 401, 200, 403]).flat());
    const rounds = Array.from({ length: 12 }, (_, round) => round);
    expect(gotRequests(doors, OPEN).toSorted()).toEqual(rounds.map((round) => `/${round}/open`).toSorted());
    expect(gotRequests(doors, LOCKED).toSorted()).toEqual(rounds.map((round) => `/${round}/known`).toSorted());
    expect(doors.got(WALLED)).toBe("");
    session.destroy();
  });

  test("keep a body that looks like a request for another endpoint a body", async () => {
    await using doors = await ThreeDoors.open("https", guard);
    const session = await doors.http2();
    const post = { ":method": "POST" };
    const told = { ...post, "content-length": String(HIDDEN.length) };
    const outcomes = await whileAnswering(
      doors,
      Promise.all([
        ask(session, "/1", OPEN, told, HIDDEN),
        ask(session, "/2", OPEN, post, HIDDEN),
        ask(session, "/3", LOCKED, told, HIDDEN),
        ask(session, "/4", WALLED, post, HIDDEN),
      ]),
    );
    expect(outcomes.map(({ status }) => status)).toEqual([200, 200, 401, 403]);
    expect(gotRequests(doors, OPEN).toSorted()).toEqual([`/1 ${HIDDEN}`, `/2 ${HIDDEN}`].map((got) => got.trimEnd()));
    expect(doors.got(LOCKED) + doors.got(WALLED)).toBe("");
    session.destroy();
  });

  test("keep to the response that their own upstream gave", async () => {
    await using doors = await ThreeDoors.open("https", guard);
    const session = await doors.http2();
    const first = ask(session, "/1", OPEN);
    // The second answer comes before anybody asked: it is nobody's.
    (await doors.stream(OPEN, 0, "/1")).write(Buffer.from(OK + OK.replace("ok", "no")));
    expect((await first).body).toBe("ok");
    const [second, third] = [ask(session, "/2", LOCKED, WITH_PASSWORD), ask(session, "/3", OPEN)];
    (await doors.stream(LOCKED, 0, "/2")).write(Buffer.from(OK.replace("ok", "b2")));
    (await doors.stream(OPEN, 1, "/3")).write(Buffer.from(OK.replace("ok", "a3")));
    expect([(await second).body, (await third).body]).toEqual(["b2", "a3"]);
    session.destroy();
  });

  test("are served with fields that mislead nobody", async () => {
    await using doors = await ThreeDoors.open("https", guard);
    const { heard, connection } = await doors.visitor(["h2"]);
    connection.write(Buffer.concat([PREFACE, http2Frame("settings", 0, 0)]));
    connection.write(http2Frame("headers", END_HEADERS | END_STREAM, 1, headerBlock(GOOD)));
    (await doors.stream(OPEN, 0, "POST / HTTP/1.1")).write(Buffer.from(OK));
    await heard.until(() => heard.text.includes("ok"));
    expect(gotRequests(doors, OPEN)).toEqual(["/"]);
    connection.reset();
  });

  test.each(MISLEADING)("are refused with %s", async (_, fields) => {
    await using doors = await ThreeDoors.open("https", guard);
    const { heard, connection } = await doors.visitor(["h2"]);
    const end = fields.some(([name]) => name === "transfer-encoding") ? 0 : END_STREAM;
    connection.write(Buffer.concat([PREFACE, http2Frame("settings", 0, 0)]));
    connection.write(http2Frame("headers", END_HEADERS | end, 1, headerBlock(fields)));
    if (end === 0) connection.write(http2Frame("data", END_STREAM, 1, Buffer.from(`0\r\n\r\n${HIDDEN}`)));
    const answers = (): string[] =>
      framesIn(heard.heard).flatMap(({ type, stream, payload }) =>
        stream !== 1 || type === "windowUpdate" ? [] : [type === "headers" ? `status ${payload[0]}` : type],
      );
    await heard.until(() => answers().length > 0 || heard.isClosed);
    expect([`status ${STATUS_400}`, "reset"]).toContain(answers()[0] ?? "closed");
    expect(doors.got(OPEN) + doors.got(LOCKED) + doors.got(WALLED)).toBe("");
    connection.reset();
  });
});
