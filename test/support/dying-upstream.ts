/** A web server that begins an answer and waits to be killed: `dying-upstream.ts PORT`. Prints its port. */
import { createServer } from "node:net";
import process from "node:process";

/** What follows the status line, by path: each begins a body and leaves its end open. */
const BEGINNINGS: Readonly<Record<string, string>> = {
  "/length": "Content-Length: 100\r\n\r\nhalf\n",
  "/chunked": "Transfer-Encoding: chunked\r\n\r\n5\r\nhalf\n\r\n",
  "/close": "Connection: close\r\n\r\nhalf\n",
  "/whole": "Content-Length: 5\r\n\r\nhere\n",
};

const server = createServer((connection) => {
  connection.on("error", () => {});
  connection.once("data", (head) => {
    const [, path = ""] = head.toString("latin1").split(" ");
    connection.write(`HTTP/1.1 200 OK\r\n${BEGINNINGS[path] ?? BEGINNINGS["/whole"]}`);
    // What is not read when a process dies makes the system reset the connection in place of ending it.
    connection.pause();
  });
});
server.listen(Number(process.argv[2]), "127.0.0.1", () => {
  const address = server.address();
  if (typeof address === "object" && address !== null) process.stdout.write(`${address.port}\n`);
});
