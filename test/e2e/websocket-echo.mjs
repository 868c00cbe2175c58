/** A WebSocket server with npm ws, under Node: sends back what it gets. Prints its port, then a line for each peer that left. */
import { WebSocketServer } from "ws";

const server = new WebSocketServer({ host: "127.0.0.1", port: 0, maxPayload: 64 * 1024 * 1024 });
const print = (line) => process.stdout.write(`${JSON.stringify(line)}\n`);
server.on("listening", () => print({ port: server.address().port }));
server.on("connection", (socket, request) => {
  socket.send(JSON.stringify({ path: request.url, headers: request.headers }));
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("close", (code, reason) => print({ code, reason: reason.toString() }));
});
