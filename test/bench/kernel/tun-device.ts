import { errno, libc, O_NONBLOCK, O_RDWR } from "./libc.ts";

/** linux/if_tun.h */
const TUNSETIFF = 0x400454ca;
const IFF_TUN = 0x0001;
const IFF_NO_PI = 0x1000;
const INTERFACE_NAME_BYTES = 16;
const IFREQ_BYTES = 40;

/** Makes a device in this network namespace, which lives as long as the descriptor. Throws without CAP_NET_ADMIN. */
export function makeTun(name: string): number {
  const descriptor = openForBoth("/dev/net/tun");
  const request = Buffer.alloc(IFREQ_BYTES);
  request.write(name, 0, INTERFACE_NAME_BYTES - 1, "latin1");
  request.writeUInt16LE(IFF_TUN | IFF_NO_PI, INTERFACE_NAME_BYTES);
  if (libc.ioctl(descriptor, TUNSETIFF, request) < 0) throw new Error(`no TUN device ${name}: errno ${errno()}`);
  return descriptor;
}

/** Opens without blocking, now and later; for reading and writing, so that a FIFO never comes to its end. */
export function openForBoth(path: string): number {
  const descriptor = libc.open(Buffer.from(`${path}\0`), O_RDWR | O_NONBLOCK);
  if (descriptor < 0) throw new Error(`${path} cannot be opened: errno ${errno()}`);
  return descriptor;
}
