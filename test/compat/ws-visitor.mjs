/** A visitor with npm ws, under Node: Bun has a ws of its own. Sends what it is told and prints what came back. */
import { WebSocket } from "ws";

const { url, ca, texts, binaryBytes } = JSON.parse(process.argv[2]);
const lookup = (_host, options, done) =>
  options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
const socket = new WebSocket(url, { ca, lookup });
socket.binaryType = "arraybuffer";
const heard = [];
socket.on("open", () => {
  for (const text of texts) socket.send(text);
  socket.send(Buffer.alloc(binaryBytes, 7));
});
socket.on("message", (data, isBinary) => {
  const bytes = Buffer.from(data);
  heard.push(isBinary ? bytes.length : bytes.toString());
  if (heard.length === texts.length + 1) socket.close(4001, "done");
});
socket.on("error", (error) => heard.push(error.message));
socket.on("close", (code) => process.stdout.write(JSON.stringify({ heard, code })));
