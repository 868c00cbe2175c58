import { useEffect, useState } from "hono/jsx/dom";
import { getConfiguration } from "../data/agent-api.ts";
import { agentReturns } from "../data/agent.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { useSubject } from "../../../../web-ui/client/subject.ts";

/** The settings in force, as the agent tells them: without secrets. */
export function Configuration() {
  const [settings, setSettings] = useState<readonly (readonly [string, string])[]>([]);
  const [failure, setFailure] = useState("");
  const returns = useSubject(agentReturns);
  useEffect(() => {
    setFailure("");
    getConfiguration().then(
      (configuration) => setSettings(linesOf(configuration)),
      (error: unknown) => setFailure(error instanceof Error ? error.message : String(error)),
    );
  }, [returns]);
  if (failure !== "") return <p class="fault">{failure}</p>;
  return (
    <dl class="card facts">
      {settings.map(([name, value]) => (
        <div key={name} class="fact">
          <dt>{visibleText(name)}</dt>
          <dd>{visibleText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Nested settings get the path to them as their name; what is not set is left out. */
function linesOf(value: unknown, path = ""): readonly (readonly [string, string])[] {
  if (value === null || value === undefined || value === "") return [];
  if (Array.isArray(value))
    return value.length === 0
      ? []
      : [[path, value.map((one) => (typeof one === "string" ? one : JSON.stringify(one))).join(", ")]];
  if (typeof value === "string") return [[path, value]];
  if (typeof value !== "object") return [[path, JSON.stringify(value)]];
  return Object.entries(value).flatMap(([name, inner]) => linesOf(inner, path === "" ? name : `${path}.${name}`));
}
