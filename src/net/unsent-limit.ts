/**
 * How much a kernel socket takes in beyond what is on its way. Left alone, Linux takes megabytes for each peer that does not read,
 * out of memory that all connections of the machine share, and everything that is written later waits behind them. With a
 * limit they stay with the writer, who knows what to hold back.
 */
import { setSocketOption } from "./socket-option.ts";

/**
 * As much again as leaves in one write, so that the kernel does not run dry while the writer hears that there is room: it
 * says so when half of this is left.
 */
const UNSENT_BYTES = 256 * 1024;

const IPPROTO_TCP = 6;
const TCP_NOTSENT_LOWAT = process.platform === "darwin" ? 0x201 : 25;

/** Of a socket of Bun. False where the system does not offer it, as for unix sockets. */
export function limitUnsent(socket: object): boolean {
  return setSocketOption(socket, IPPROTO_TCP, TCP_NOTSENT_LOWAT, UNSENT_BYTES);
}
