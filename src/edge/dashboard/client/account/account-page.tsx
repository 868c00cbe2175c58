import { useEffect, useState } from "hono/jsx/dom";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { minuteText, sizeText } from "../../../../web-ui/text/amount-text.ts";
import { visibleText } from "../../../../web-ui/text/visible-text.ts";
import { type ApiRecord, fieldAt, isRecord, textAt } from "../data/api-record.ts";
import { callApi } from "../data/call.ts";
import { failureText } from "../data/call-failure.ts";

const LIMITS = [
  { title: "Agents online", name: "sessions", unit: String },
  { title: "Endpoints online", name: "endpoints", unit: String },
  { title: "Reserved domains", name: "reserved_domains", unit: String },
  { title: "Reserved TCP addresses", name: "reserved_addrs", unit: String },
  { title: "New visitor connections a second", name: "connections_per_second", unit: String },
  { title: "Traffic a second", name: "bytes_per_second", unit: sizeText },
] as const;

/** Whose all this is, and how much of it there may be. */
export function AccountPage() {
  const [account, setAccount] = useState<ApiRecord | undefined>(undefined);
  const [failure, setFailure] = useState("");
  useEffect(() => {
    callApi("GET", "/account").then(
      (answer) => (isRecord(answer) ? setAccount(answer) : undefined),
      (error: unknown) => setFailure(failureText(error)),
    );
  }, []);
  return (
    <>
      <header class="page-head">
        <h1 id="page-title" tabindex={-1}>
          Account
        </h1>
        <p class="about">The operator of the edge sets the limits.</p>
      </header>
      {failure !== "" && (
        <p class="fault" role="alert">
          {visibleText(failure)}
        </p>
      )}
      {account !== undefined && (
        <>
          <dl class="card record-facts">
            <div class="fact">
              <dt>Name</dt>
              <dd>
                <Shown text={textAt(account, "name")} />
              </dd>
            </div>
            <div class="fact">
              <dt>ID</dt>
              <dd>
                <code>{visibleText(account.id)}</code>
              </dd>
            </div>
            <div class="fact">
              <dt>Created</dt>
              <dd>{minuteText(new Date(textAt(account, "created_at")))}</dd>
            </div>
          </dl>
          <section class="below" aria-labelledby="limits-title">
            <header class="page-head">
              <h2 id="limits-title">Limits</h2>
            </header>
            <dl class="card record-facts">
              {LIMITS.map(({ title, name, unit }) => (
                <div key={name} class="fact">
                  <dt>{title}</dt>
                  <dd>{limitText(fieldAt(account, `limits.${name}`), unit)}</dd>
                </div>
              ))}
            </dl>
          </section>
        </>
      )}
    </>
  );
}

function limitText(limit: unknown, unit: (amount: number) => string): string {
  return typeof limit === "number" ? unit(limit) : "no limit";
}
