/** The upstream for what is sent without being asked for: `push-upstream.ts PORT`. Stands behind nginx (upstreams.ts). */

/** Between two events of a stream. */
const EVENT_EVERY_MS = 20;

Bun.serve({
  hostname: "127.0.0.1",
  port: Number(process.argv[2]),
  idleTimeout: 0,
  fetch(request, server) {
    if (server.upgrade(request, { data: undefined })) return undefined;
    return new Response(events(), { headers: { "content-type": "text/event-stream" } });
  },
  websocket: {
    idleTimeout: 0,
    message: (socket, text) => void socket.send(text),
  },
});

function events(): ReadableStream<Uint8Array> {
  let timer: Timer;
  return new ReadableStream({
    start(controller) {
      timer = setInterval(() => controller.enqueue(Buffer.from(`data: ${wallMs()}\n\n`)), EVENT_EVERY_MS);
    },
    cancel: () => clearInterval(timer),
  });
}

/** Comparable within a machine; finer than Date.now(). */
function wallMs(): number {
  return performance.timeOrigin + performance.now();
}
