/** A visitor with npm ws, under Node: sends messages of all kinds, prints what came back, and how it ended. */
import { createHash, randomBytes } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";

const LARGE_BYTES = 1024 * 1024;
const { url, ca, authority, protocol, auth } = JSON.parse(process.argv[2]);
const lookup = (_host, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const sha256 = (bytes) => createHash("sha256").update(bytes).digest("hex");

const socket = new WebSocket(url, protocol, { ca, lookup, auth, headers: { Host: authority } });
socket.on("error", (error) => (heard.error = error.message));
socket.on("close", (code, reason) =>
  process.stdout.write(JSON.stringify({ ...heard, code, reason: reason.toString() })),
);
const heard = {};
try {
  const [greeting] = await once(socket, "message");
  heard.greeting = JSON.parse(greeting.toString());
  heard.protocol = socket.protocol;
  heard.text = (await answerTo("text \u2713")).toString();
  const large = randomBytes(LARGE_BYTES);
  heard.binary = sha256(await answerTo(large)) === sha256(large);
  heard.largeText = (await answerTo("x".repeat(LARGE_BYTES))).length;
  heard.empty = (await answerTo("")).length;
  socket.ping("are you there");
  heard.pong = (await once(socket, "pong"))[0].toString();
  socket.close(4001, "done");
} catch {
  // The error was heard above, and the close follows.
}

async function answerTo(message) {
  socket.send(message);
  return (await once(socket, "message"))[0];
}
