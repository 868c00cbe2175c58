import { curlCommand } from "../../body/curl-command.ts";
import { fieldText, readRawMessage } from "../../body/raw-message.ts";
import { tunnels } from "../data/agent.ts";
import { capturedBytes } from "../data/captured-bytes.ts";
import type { ExchangeDetail } from "../data/exchange.ts";
import { copy } from "../../../../web-ui/client/copy.ts";
import { withoutChunks } from "./without-chunks.ts";

/** Copies the request as a command, to the public address of its tunnel. */
export function copyAsCurl({ tunnel_name: tunnel, request }: ExchangeDetail): void {
  const raw = capturedBytes(request.raw);
  const { startLine, fields, bodyStart } = readRawMessage(raw);
  const [, target = "/", version = "HTTP/1.1"] = startLine.split(" ");
  const publicUrl = tunnels.value.find(({ name }) => name === tunnel)?.public_url;
  const host = fields.find(([name]) => name.toLowerCase() === "host")?.[1] ?? "localhost";
  const isChunked = fields.some(
    ([name, value]) => name.toLowerCase() === "transfer-encoding" && /chunked\s*$/i.test(value),
  );
  const command = curlCommand({
    baseUrl: publicUrl ?? `http://${fieldText(host)}`,
    method: request.method,
    target,
    version,
    fields,
    body: isChunked ? withoutChunks(raw.subarray(bodyStart)) : raw.subarray(bodyStart),
    isPublic: publicUrl !== undefined,
  });
  copy(command, "Command");
}
