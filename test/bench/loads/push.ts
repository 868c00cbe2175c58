/** How long messages are on their way that nobody asked for. Microseconds each, in the order of arrival. */

const EVERY_MS = 5;

/** A message every few milliseconds on one WebSocket, there and back. */
export async function echoMicros(url: string, seconds: number): Promise<readonly number[]> {
  const socket = new WebSocket(url);
  const opened = Promise.withResolvers<void>();
  socket.onopen = () => opened.resolve();
  socket.onerror = () => opened.reject(new Error(`${url} does not open`));
  await opened.promise;
  const micros: number[] = [];
  socket.onmessage = ({ data }) => void micros.push((performance.now() - Number(data)) * 1000);
  const timer = setInterval(() => socket.send(String(performance.now())), EVERY_MS);
  await Bun.sleep(seconds * 1000);
  clearInterval(timer);
  socket.terminate();
  return micros;
}

/** Events of push-upstream.ts, which tell when they were sent by the same clock. */
export async function eventMicros(url: string, seconds: number): Promise<readonly number[]> {
  const stop = new AbortController();
  const response = await fetch(url, { signal: stop.signal });
  const untilMs = performance.now() + seconds * 1000;
  const micros: number[] = [];
  for await (const piece of response.body ?? []) {
    const nowMs = performance.timeOrigin + performance.now();
    for (const [, sentMs] of Buffer.from(piece)
      .toString()
      .matchAll(/data: ([\d.]+)\n/g)) {
      micros.push((nowMs - Number(sentMs)) * 1000);
    }
    if (performance.now() > untilMs) break;
  }
  stop.abort();
  return micros;
}
