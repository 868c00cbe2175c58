/**
 * The npm package `@ngrok/ngrok-api` in a process of its own, under Node. Takes one JSON command a line on stdin,
 * `{service, method, args}`, and answers each with one on stdout: `{value}` or `{failure}`. Ends with its stdin.
 */
import { createInterface } from "node:readline";
import { Ngrok } from "@ngrok/ngrok-api";

const [baseUrl, apiToken] = process.argv.slice(2);
const ngrok = new Ngrok({ baseUrl, apiToken });

for await (const line of createInterface({ input: process.stdin })) {
  const { service, method, args } = JSON.parse(line);
  try {
    tell({ value: (await ngrok[service][method](...args)) ?? null });
  } catch (failure) {
    const details = failure.details instanceof Map ? Object.fromEntries(failure.details) : undefined;
    tell({ failure: { ...failure, name: failure.name, message: failure.message, details } });
  }
}

function tell(answer) {
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
