/**
 * What the runtime has no words for, from libc: calls that block or answer at once, for programs whose one thread does nothing
 * else. The files beside this one give them a shape; nobody else calls them.
 */
import { dlopen, read } from "bun:ffi";

export const O_RDWR = 2;
export const O_NONBLOCK = 0o4000;

/** linux/prctl.h */
const PR_SET_PDEATHSIG = 1;
const PR_SET_TIMERSLACK = 29;
const SIGKILL = 9;
/** sched.h */
const SCHED_FIFO = 1;
const SCHED_RESET_ON_FORK = 0x40000000;
const LEAST_PRIORITY = 1;

// Lengths fit into 31 bits; a plain number costs less than the bigint of a size_t.
export const { symbols: libc } = dlopen("libc.so.6", {
  open: { args: ["cstring", "i32"], returns: "i32" },
  ioctl: { args: ["i32", "u64", "ptr"], returns: "i32" },
  read: { args: ["i32", "ptr", "i32"], returns: "i32" },
  write: { args: ["i32", "ptr", "i32"], returns: "i32" },
  epoll_create1: { args: ["i32"], returns: "i32" },
  epoll_ctl: { args: ["i32", "i32", "i32", "ptr"], returns: "i32" },
  epoll_pwait2: { args: ["i32", "ptr", "i32", "ptr", "ptr"], returns: "i32" },
  sched_setscheduler: { args: ["i32", "i32", "ptr"], returns: "i32" },
  prctl: { args: ["i32", "u64", "u64", "u64", "u64"], returns: "i32" },
  socket: { args: ["i32", "i32", "i32"], returns: "i32" },
  connect: { args: ["i32", "ptr", "i32"], returns: "i32" },
  setsockopt: { args: ["i32", "i32", "i32", "ptr", "i32"], returns: "i32" },
  fcntl: { args: ["i32", "i32", "i32"], returns: "i32" },
  __errno_location: { args: [], returns: "ptr" },
});

/** Of the last call that failed, to be asked at once. */
export function errno(): number {
  const location = libc.__errno_location();
  return location === null ? 0 : read.i32(location, 0);
}

/** This process ends with the one that started it, however that ends, and its waits end on time. */
export function beExactAndMortal(): void {
  libc.prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
  libc.prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
}

/**
 * This thread runs at once whenever it has something to do, before all others on its processor, however busy they are. Without the
 * right to that (CAP_SYS_NICE) it stays one among them. So do threads of the runtime that are yet to come: this one need not wait for them.
 */
export function beFirst(): void {
  libc.sched_setscheduler(0, SCHED_FIFO | SCHED_RESET_ON_FORK, new Int32Array([LEAST_PRIORITY]));
}
