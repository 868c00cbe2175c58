/** `api RESOURCE ACTION`: one call of the management API (reference.md 8.4). */
import { UsageError } from "../../base/errors.ts";
import { PRODUCT_VERSION } from "../../base/product-version.ts";
import type { AgentConfig } from "../../config/agent-config.ts";
import { type ApiUrl, formatApiUrl } from "../../config/api-url.ts";
import { loadAgentConfig } from "../../config/config-loader.ts";
import { settingsOfFlags } from "../../config/environment.ts";
import { tokenFault } from "../../model/access-token.ts";
import { answerText, statusText } from "../api/answer-text.ts";
import { apiRequest, type ApiRequest } from "../api/api-calls.ts";
import { findApiCall } from "../api/api-commands.ts";
import { connectToApi } from "../api/api-connection.ts";
import { exchange, type HttpAnswer, NoAnswer } from "../api/http-exchange.ts";
import { withTexts } from "../api/file-flags.ts";
import type { CommandContext } from "../command-context.ts";
import type { ApiInvocation } from "../invocation.ts";

const SETTING_FLAGS = ["api-key", "api-url", "server-addr", "root-cas"] as const;

/** Answers 1 when the API refuses the call; its reason is printed like any answer. Throws {@link UsageError} when there is none. */
export async function run(invocation: ApiInvocation, context: CommandContext): Promise<number> {
  const { command, args, flags } = invocation;
  const call = findApiCall(command);
  if (call === undefined) throw new Error(`no call stands behind '${command}'`);
  const request = apiRequest(call, args[0] ?? "", await withTexts(flags, context));
  const { config } = await loadAgentConfig({
    configFlags: textsOf(flags["config"]),
    environment: context.env,
    flags: settingsOfFlags(settingFlags(flags)),
  });
  const [url, key] = [apiUrlOf(config), apiKeyOf(config, context)];
  const answer = await callApi(request, { url, key, config, context });
  const text = answerText(answer);
  if (text === undefined) throw noApi(url, answer.status);
  context.printStatus?.(text.status);
  if (text.json !== "") await context.print(text.json);
  return answer.status >= 200 && answer.status < 300 ? 0 : 1;
}

interface Target {
  readonly url: ApiUrl;
  readonly key: string;
  readonly config: AgentConfig;
  readonly context: CommandContext;
}

async function callApi(request: ApiRequest, { url, key, config, context }: Target): Promise<HttpAnswer> {
  const { env: environment, clock, signal } = context;
  const connection = await connectToApi({ url, config, environment, clock, signal });
  const headers: readonly (readonly [string, string])[] = [
    ["Host", formatApiUrl(url).replace(/^\w+:\/\//, "")],
    ["Authorization", `Bearer ${key}`],
    ["Ngrok-Version", "2"],
    ["User-Agent", `ginnel/${PRODUCT_VERSION}`],
    ["Accept", "application/json"],
    ...(request.body === undefined ? [] : [["Content-Type", "application/json"] as const]),
  ];
  try {
    return await exchange(connection, { ...request, headers }, { clock, signal });
  } catch (error) {
    if (!(error instanceof NoAnswer)) throw error;
    throw new UsageError(`the management API at ${formatApiUrl(url)} did not answer: ${error.message}`, {
      cause: error,
    });
  }
}

function apiUrlOf({ apiUrl, serverAddress }: AgentConfig): ApiUrl {
  if (apiUrl !== undefined) return apiUrl;
  const known = serverAddress === undefined ? "no edge is configured" : `the edge is known by an address only`;
  throw new UsageError(
    `It is not known where the management API is: ${known}.\n` +
      "Say it with --api-url=https://HOST, GINNEL_API_URL or api_url in the configuration file.",
  );
}

/** What no key has could be read as another header field. */
function apiKeyOf({ apiKey }: AgentConfig, { program }: CommandContext): string {
  const key = apiKey?.trim();
  const fault = key === undefined ? undefined : tokenFault(key);
  if (key !== undefined && fault === undefined) return key;
  const reason = key === undefined ? "An API key is needed" : `The API key ${fault}`;
  throw new UsageError(
    `${reason}.\nSave it with '${program} config add-api-key KEY', or give it in NGROK_API_KEY or with --api-key.`,
  );
}

function noApi(url: ApiUrl, status: number): UsageError {
  return new UsageError(
    `${formatApiUrl(url)} answers ${statusText(status)}, but not as the management API does.\n` +
      "If the API is somewhere else, say where with --api-url, GINNEL_API_URL or api_url in the configuration file.",
  );
}

type Flags = ApiInvocation["flags"];

/** The flags that are settings of the agent. What calls have under other names, such as a region, is not. */
function settingFlags(flags: Flags): Readonly<Record<string, string>> {
  const given = SETTING_FLAGS.flatMap((name) => {
    const value = flags[name];
    return typeof value === "string" ? [[name, value] as const] : [];
  });
  return Object.fromEntries(given);
}

function textsOf(value: Flags[string] | undefined): readonly string[] {
  return typeof value === "object" ? value : [];
}
