/** A visitor with npm ws, under Node, to whom a WebSocket is a stream of bytes; prints what came back, and how it ended. */
import { randomBytes } from "node:crypto";
import { once } from "node:events";
import { WebSocket } from "ws";

const { url, ca, authority, protocol, send, bytes } = JSON.parse(process.argv[2]);
const lookup = (_host, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);

const socket = new WebSocket(url, protocol ?? [], { ca, lookup, headers: { Host: authority } });
const heard = {};
const chunks = [];
let awaited = Infinity;
socket.on("message", (message, isBinary) => {
  if (!isBinary) heard.error = "a text message";
  chunks.push(message);
  if (chunks.reduce((sum, chunk) => sum + chunk.length, 0) >= awaited) socket.close(1000);
});
socket.on("pong", (payload) => (heard.pong = payload.toString()));
socket.on("error", (error) => (heard.error = error.message));
socket.on("close", (code, reason) => {
  const got = Buffer.concat(chunks);
  const result = bytes === undefined ? { text: got.toString() } : { isSame: got.equals(sent) };
  process.stdout.write(JSON.stringify({ ...heard, ...result, code, reason: reason.toString() }));
});
let sent = Buffer.alloc(0);
await once(socket, "open");
heard.protocol = socket.protocol;
if (bytes === undefined) socket.send(Buffer.from(send));
else {
  sent = randomBytes(bytes);
  awaited = bytes;
  socket.ping("here");
  // Whole, in fragments, and one byte alone.
  socket.send(sent.subarray(0, bytes / 2));
  socket.send(sent.subarray(bytes / 2, bytes - 1001), { fin: false, binary: true });
  socket.send(sent.subarray(bytes - 1001, bytes - 1), { fin: true, binary: true });
  socket.send(sent.subarray(bytes - 1));
}
