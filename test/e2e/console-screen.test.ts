/** The full screen in a real terminal, with real keys and signals: it shows what happens, and leaves nothing behind. */
import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { existsSync } from "node:fs";
import { TmuxTerminal, type TmuxOptions, UNTOUCHED } from "../support/tmux-terminal.ts";
import { eventually } from "../support/turns.ts";
import { visit } from "../support/visit.ts";

setDefaultTimeout(60_000);

/** Longer than between two drawings. */
const DRAWING_MS = 120;
const VISIT_MS = 10_000;
const QUIT_HINT = "(Ctrl+C to quit)";
/** Faults and exits of the program at a signal, which nothing else listens to. */
const ON_SIGNAL = {
  throw: `process.on("SIGUSR2", () => { throw new Error("made-up fault"); });`,
  reject: `process.on("SIGUSR2", () => { void Promise.reject(new Error("made-up fault")); });`,
  exit: `process.on("SIGUSR2", () => process.exit(7));`,
};

/** A terminal in which the program serves its own folder, on a host of its own. */
async function startedAgent(
  host: string,
  options: TmuxOptions & { readonly onSignal?: string } = {},
): Promise<TmuxTerminal> {
  const terminal = await TmuxTerminal.start(options);
  const { folder } = terminal;
  await Bun.write(folder.file("site/index.html"), "hello");
  await Bun.write(folder.file("preload.js"), options.onSignal ?? "");
  await terminal.runProgram(
    `http file://${folder.path}/site --url=http://${host}`,
    "--preload",
    folder.file("preload.js"),
  );
  await terminal.shows("online", "Forwarding");
  return terminal;
}

/** The port of the edge inside, as the screen tells it. */
async function portOf(terminal: TmuxTerminal): Promise<number> {
  const screen = await terminal.screen();
  return Number(/localhost:(\d+)/.exec(screen)?.[1]);
}

/** Waits until the log says that there is a tunnel. */
async function started(logFile: string): Promise<void> {
  const giveUp = AbortSignal.timeout(15_000);
  while (!(await Bun.file(logFile).exists()) || !(await Bun.file(logFile).text()).includes("started tunnel")) {
    giveUp.throwIfAborted();
    await Bun.sleep(25);
  }
}

/** Of the last command. */
async function exitCode(terminal: TmuxTerminal): Promise<string> {
  await terminal.type("echo code=$?=");
  const screen = await terminal.until("the exit code", (text) => /code=\d+=/.test(text));
  return /code=(\d+)=/.exec(screen)?.[1] ?? "";
}

describe("the console screen", () => {
  test("the console screen takes the whole terminal, and shows a request as it comes", async () => {
    await using terminal = await startedAgent("live.localhost");
    expect(await terminal.modes()).toEqual({ isAlternate: true, isCursorShown: false, wraps: false, isCooked: false });
    const screen = await terminal.screen();
    expect(screen).toStartWith("ginnel");
    expect(screen).toContain(QUIT_HINT);
    expect(screen).not.toContain("GET");
    await visit("live.localhost", { port: await portOf(terminal), path: "/no-such-file?secret" });
    const shown = await terminal.shows("GET /no-such-file ", "404 Not Found");
    expect(shown).not.toContain("secret");
    await terminal.until("one connection", (text) => /Connections .*\n +1 /.test(text));
  });

  test("the console screen follows the size of the terminal", async () => {
    await using terminal = await startedAgent("size.localhost");
    await terminal.resize(44, 12);
    await terminal.until("narrow labels", (text) => text.includes("Session Status  online"));
    await terminal.resize(120, 40);
    const wide = await terminal.until("the hint at the right", (text) => text.split("\n")[0]?.length === 120);
    expect(wide).toContain("Session Status                online");
    await terminal.resize(20, 5);
    await terminal.until("five lines", (text) => text.includes("Session Status\nonline\nForwarding"));
  });

  test.each<[string, string, Readonly<Record<string, string>>]>([
    ["a black ground", "[40m", {}],
    ["no colour for NO_COLOR", "", { NO_COLOR: "1" }],
  ])("the console screen has %s", async (_, code, env) => {
    await using terminal = await startedAgent("colour.localhost", { env });
    const coloured = await terminal.screen({ withColours: true });
    expect(coloured).toContain("online");
    if (code === "") expect(coloured).not.toContain("\u001b");
    else expect(coloured).toContain(code);
  });

  test("the console screen lets no request steer the terminal", async () => {
    await using terminal = await startedAgent("hostile.localhost");
    await visit("hostile.localhost", { port: await portOf(terminal), path: "/\u0080\u009b2J\u009d" }).catch(() => {});
    const shown = await terminal.shows("\\u0080\\u009b2J\\u009d");
    expect(shown).toStartWith("ginnel");
  });
});

describe("after the console screen the terminal is as it was", () => {
  test.each([
    ["Ctrl+C", (terminal: TmuxTerminal) => terminal.press("C-c"), "0"],
    ["SIGTERM", signal("SIGTERM"), "0"],
    ["SIGINT", signal("SIGINT"), "0"],
    ["SIGHUP", signal("SIGHUP"), "129"],
    ["SIGQUIT", (terminal: TmuxTerminal) => terminal.press("C-\\"), "131"],
  ])("after %s", async (_, end, code) => {
    await using terminal = await startedAgent("end.localhost");
    await end(terminal);
    const screen = await terminal.prompted();
    expect(screen).not.toContain(QUIT_HINT);
    expect(await terminal.modes()).toEqual(UNTOUCHED);
    expect(await exitCode(terminal)).toBe(code);
  });

  test.each([
    ["a fault that nobody caught", ON_SIGNAL.throw, "1", "ERROR:  Internal error: Error: made-up fault"],
    ["a promise that nobody caught", ON_SIGNAL.reject, "1", "ERROR:  Internal error: Error: made-up fault"],
    ["an exit in the middle", ON_SIGNAL.exit, "7", ""],
  ])("after %s, and its text stands there", async (_, onSignal, code, text) => {
    await using terminal = await startedAgent("crash.localhost", { onSignal });
    await signal("SIGUSR2")(terminal);
    const screen = await terminal.prompted();
    expect(screen).toContain(text);
    expect(screen).not.toContain(QUIT_HINT);
    expect(await terminal.modes()).toEqual(UNTOUCHED);
    expect(await exitCode(terminal)).toBe(code);
  });

  test("after an edge refused the tunnel, and its text stands there", async () => {
    await using terminal = await TmuxTerminal.start();
    await terminal.runProgram("http 8080 --url=http://api.localhost");
    const screen = await terminal.prompted();
    expect(screen).toContain("ERROR:  ERR_NGROK_320");
    expect(screen).not.toContain(QUIT_HINT);
    expect(await terminal.modes()).toEqual(UNTOUCHED);
  });

  test("while it is stopped by Ctrl+Z, and the screen is back after fg", async () => {
    await using terminal = await startedAgent("job.localhost");
    await terminal.press("C-z");
    expect(await terminal.prompted()).toContain("Stopped");
    expect(await terminal.modes()).toEqual(UNTOUCHED);
    await terminal.type("fg");
    await terminal.shows(QUIT_HINT, "http://job.localhost");
    expect((await terminal.modes()).isCooked).toBe(false);
    await terminal.press("C-c");
    await terminal.prompted();
    expect(await terminal.modes()).toEqual(UNTOUCHED);
  });

  test("when fg continues what SIGSTOP stopped without a warning, the screen and its keys are back", async () => {
    await using terminal = await startedAgent("stop.localhost");
    await signal("SIGSTOP")(terminal);
    await terminal.shows("Stopped");
    await terminal.type("fg");
    // What stood there before stands there still, with the shell's word across it.
    await terminal.until("a new screen", (text) => text.startsWith("ginnel") && !text.includes("Stopped"));
    await terminal.press("C-c");
    await terminal.prompted();
    expect(await terminal.modes()).toEqual(UNTOUCHED);
    expect(await exitCode(terminal)).toBe("0");
  });

  test("while it runs in the background, from where fg fetches the screen", async () => {
    await using terminal = await TmuxTerminal.start();
    await terminal.runProgram("http 8080 --url=http://background.localhost --log=agent.log &");
    await started(terminal.folder.file("agent.log"));
    await terminal.type("jobs; echo $((6 * 7))");
    expect(await terminal.until("the jobs", (text) => text.includes("\n42\n"))).toContain("Running");
    expect(await terminal.modes()).toEqual(UNTOUCHED);
    await terminal.type("fg");
    await terminal.shows(QUIT_HINT, "http://background.localhost");
    await terminal.press("C-c");
    await terminal.prompted();
  });

  test("until it is closed, which ends the agent, also one that opens its log file anew at the same signal", async () => {
    await using terminal = await TmuxTerminal.start();
    await terminal.runProgram("http 8080 --url=http://closed.localhost --log=agent.log");
    await terminal.shows(QUIT_HINT, "http://closed.localhost");
    const pid = await terminal.programPid();
    await terminal.close();
    await eventually("the agent has ended", () => !existsSync(`/proc/${pid}`));
  });
});

test("a terminal that takes nothing holds up no visitor, and shows what is true when it goes on", async () => {
  await using terminal = await startedAgent("stuck.localhost", { columns: 200, rows: 60 });
  const port = await portOf(terminal);
  for (let count = 0; count < 40; count++) await visit("stuck.localhost", { port, path: `/before-${count}` });
  const server = await terminal.serverPid();
  process.kill(server, "SIGSTOP");
  try {
    // Each drawing moves all the requests, so that a few are more than fits between program and terminal.
    for (let count = 0; count < 12; count++) {
      await visitWithin(VISIT_MS, port, `/meanwhile-${count}`);
      await Bun.sleep(DRAWING_MS);
    }
  } finally {
    process.kill(server, "SIGCONT");
  }
  const screen = await terminal.shows("GET /meanwhile-11 ");
  expect(screen).toStartWith("ginnel");
});

/** Rejects when the answer does not come in time, so that a stopped terminal goes on. */
async function visitWithin(limitMs: number, port: number, path: string): Promise<void> {
  const headers = { Host: "stuck.localhost", Connection: "close" };
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { headers, signal: AbortSignal.timeout(limitMs) });
  await answer.arrayBuffer();
}

function signal(name: NodeJS.Signals): (terminal: TmuxTerminal) => Promise<void> {
  return async (terminal) => {
    process.kill(await terminal.programPid(), name);
  };
}
