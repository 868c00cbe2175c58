/**
 * Asks a far end again and again with small packets, and prints as JSON how long each answer took: `echo-probe.ts ask HOST COUNT`
 * asks, `echo-probe.ts answer` answers until it is killed. Needs no rights, unlike ping.
 */
import process from "node:process";

const PORT = 7;
const EVERY_MS = 5;
/** How long the last answer is waited for. */
const PATIENCE_MS = 1_000;

const [role, host = "", countText = "0"] = process.argv.slice(2);
if (role === "answer") await answer();
else process.stdout.write(`${JSON.stringify(await ask(host, Number(countText)))}\n`);

async function answer(): Promise<void> {
  await Bun.udpSocket({
    port: PORT,
    hostname: "0.0.0.0",
    socket: { data: (socket, bytes, port, address) => void socket.send(bytes, port, address) },
  });
  process.stdout.write("ready\n");
}

/** Milliseconds by number of the packet; null where no answer came. */
async function ask(hostname: string, count: number): Promise<readonly (number | null)[]> {
  const sentMs: number[] = [];
  const tookMs: (number | null)[] = [];
  const socket = await Bun.udpSocket({
    hostname: "0.0.0.0",
    socket: {
      data: (_socket, bytes) => {
        const number = bytes.readUInt32LE();
        tookMs[number] = performance.now() - (sentMs[number] ?? Number.NaN);
      },
    },
  });
  const packet = Buffer.alloc(4);
  for (let number = 0; number < count; number++) {
    packet.writeUInt32LE(number);
    tookMs.push(null);
    sentMs.push(performance.now());
    socket.send(packet, PORT, hostname);
    await Bun.sleep(EVERY_MS);
  }
  await Bun.sleep(PATIENCE_MS);
  socket.close();
  return tookMs;
}
