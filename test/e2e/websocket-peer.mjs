/**
 * Both ends of a WebSocket with npm ws, under Node. As `serve DEFLATE` it prints its port and repeats what it hears; as
 * `visit DEFLATE URL` it says a few things and leaves.
 */
import { once } from "node:events";
import { WebSocket, WebSocketServer } from "ws";

const [role, deflate, url] = process.argv.slice(2);
const perMessageDeflate = deflate === "deflate" && { threshold: 0 };
if (role === "serve") await serve();
else await visit();

async function serve() {
  const server = new WebSocketServer({ host: "127.0.0.1", port: 0, perMessageDeflate });
  server.on("connection", (socket) =>
    socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary })),
  );
  await once(server, "listening");
  process.stdout.write(`${server.address().port}\n`);
}

async function visit() {
  const lookup = (_host, options, done) =>
    options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4);
  const socket = new WebSocket(url, { lookup, perMessageDeflate });
  await once(socket, "open");
  for (const message of ["said twice \u2713", "said twice \u2713", Buffer.from([0, 1, 255]), "x".repeat(100_000)]) {
    socket.send(message);
    await once(socket, "message");
  }
  socket.close(4001, "done");
  await once(socket, "close");
  process.stdout.write(`${socket.extensions}\n`);
}
