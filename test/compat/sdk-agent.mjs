/**
 * The official SDK as the agent, in a process of its own (Node or Bun). Takes one JSON command a line on stdin and answers each
 * with one on stdout: `{n, …}` or `{n, error, code}`. Ends with its stdin.
 */
import { createInterface } from "node:readline";
import ngrok from "@ngrok/ngrok";

const listeners = new Map();
const sessions = [];

const commands = {
  forward: async ({ config }) => {
    const listener = await ngrok.forward(config);
    listeners.set(listener.url(), listener);
    return { url: listener.url(), metadata: listener.metadata(), forwardsTo: listener.forwardsTo() };
  },
  session: async ({ handled, address, caPem, authtoken }) => {
    const builder = new ngrok.SessionBuilder().serverAddr(address).caCert(Buffer.from(caPem)).authtoken(authtoken);
    const handlers = {
      stop: "handleStopCommand",
      restart: "handleRestartCommand",
      update: "handleUpdateCommand",
    };
    for (const command of handled) builder[handlers[command]](() => tell({ told: command }));
    sessions.push(await builder.connect());
    return {};
  },
  close: async ({ url }) => {
    await listeners.get(url).close();
    return {};
  },
};

for await (const line of createInterface({ input: process.stdin })) {
  const { n, command, ...facts } = JSON.parse(line);
  commands[command](facts).then(
    (answer) => tell({ n, ...answer }),
    (error) => tell({ n, error: error.message, code: error.errorCode }),
  );
}
process.exit(0);

function tell(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
