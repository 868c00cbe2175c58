import { errno, libc, O_NONBLOCK } from "./libc.ts";

/** sys/socket.h, netinet/in.h, fcntl.h */
const AF_INET = 2;
const SOCK_STREAM = 1;
const IPPROTO_TCP = 6;
const TCP_NODELAY = 1;
const F_SETFL = 4;
const SOCKADDR_BYTES = 16;

/** Connects to an IPv4 address over TCP, waiting for it; then nothing blocks any more. The descriptor lives as long as the process. */
export function connectPlain(address: string, port: number): number {
  const descriptor = libc.socket(AF_INET, SOCK_STREAM, 0);
  const target = Buffer.alloc(SOCKADDR_BYTES);
  target.writeUInt16LE(AF_INET, 0);
  target.writeUInt16BE(port, 2);
  target.set(address.split(".").map(Number), 4);
  if (libc.connect(descriptor, target, SOCKADDR_BYTES) < 0) {
    throw new Error(`no connection to ${address}:${port}: errno ${errno()}`);
  }
  libc.setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, new Int32Array([1]), 4);
  libc.fcntl(descriptor, F_SETFL, O_NONBLOCK);
  return descriptor;
}
