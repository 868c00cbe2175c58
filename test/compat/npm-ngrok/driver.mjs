/**
 * The npm package `ngrok` in a process of its own, under Node. Takes one JSON command a line on stdin and answers each with one on
 * stdout: `{n, value}` or `{n, failure}`; what the package calls back is told as `{event, text}`. Ends with its stdin.
 */
import { createInterface } from "node:readline";
import ngrok from "ngrok";

const callbacks = {
  onLogEvent: (text) => tell({ event: "log", text }),
  onStatusChange: (text) => tell({ event: "status", text }),
  onTerminated: () => tell({ event: "terminated", text: "" }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { n, ...command } = JSON.parse(line);
  perform(command).then(
    (value) => tell({ n, value }),
    ({ name, message, response, body }) => tell({ n, failure: { name, message, status: response?.statusCode, body } }),
  );
}
process.exit(0);

async function perform({ on, method, args }) {
  const target = on === "api" ? ngrok.getApi() : ngrok;
  return target[method](...args.map(withFunctions));
}

/** Options cannot carry functions over stdin: `callbacks: true` and `binFolder` stand for them. */
function withFunctions(argument) {
  if (typeof argument !== "object" || argument === null) return argument;
  const { callbacks: wantsCallbacks, binFolder, ...options } = argument;
  const binPath = binFolder === undefined ? {} : { binPath: () => binFolder };
  return { ...options, ...binPath, ...(wantsCallbacks ? callbacks : {}) };
}

function tell(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
