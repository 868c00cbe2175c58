/** Visitors who ask for more than all buffers hold and never read. */
import { PUBLIC_NAME } from "../public-name.ts";
import { HUGE_PATH } from "../upstreams.ts";

const AT_ONCE = 50;
const REQUEST = Buffer.from(`GET ${HUGE_PATH} HTTP/1.1\r\nHost: ${PUBLIC_NAME}\r\n\r\n`);

/** Resolves when all have asked; they are stuck when what is on the way is full. They go when disposed of. */
export async function stuckVisitors(address: string, port: number, count: number): Promise<Disposable> {
  const undo = new DisposableStack();
  const ask = async (): Promise<void> => {
    const socket = await Bun.connect({ hostname: address, port, socket: { data: () => {} } });
    undo.defer(() => socket.terminate());
    socket.pause();
    socket.write(REQUEST, 0, REQUEST.length);
  };
  for (let asked = 0; asked < count; asked += AT_ONCE) await Promise.all(Array.from({ length: AT_ONCE }, ask));
  return undo;
}
