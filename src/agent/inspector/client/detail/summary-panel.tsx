import { cookies, setCookie } from "../../body/cookies.ts";
import type { ExchangeDetail, Side } from "../data/exchange.ts";
import { AuthorizationView } from "./authorization-view.tsx";
import { Body } from "./body-panel.tsx";
import { BothSides } from "./both-sides.tsx";
import { FieldTable } from "./field-table.tsx";
import { QueryView } from "./form-view.tsx";
import { fieldValues, useHead } from "./use-head.ts";

/** What most people look for: parameters, cookies, who the visitor says to be, and both bodies. */
export function SummaryPanel({ exchange }: { readonly exchange: ExchangeDetail }) {
  return (
    <BothSides
      exchange={exchange}
      show={(side) =>
        side === "request" ? <RequestSummary exchange={exchange} /> : <ResponseSummary exchange={exchange} />
      }
    />
  );
}

function RequestSummary({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { fields } = useHead(exchange.request.raw);
  const sent = fieldValues(fields, "cookie").flatMap(cookies);
  return (
    <>
      <QueryView target={exchange.request.uri} />
      {[...fieldValues(fields, "authorization"), ...fieldValues(fields, "proxy-authorization")].map((value, index) => (
        <AuthorizationView key={index} value={value} />
      ))}
      <FieldTable title="Cookies" fields={sent} />
      <BodySection exchange={exchange} side="request" />
    </>
  );
}

function ResponseSummary({ exchange }: { readonly exchange: ExchangeDetail }) {
  const { fields } = useHead(exchange.response?.raw ?? "");
  const set = fieldValues(fields, "set-cookie").map(setCookie);
  return (
    <>
      <FieldTable
        title="Cookies set"
        fields={set.map(({ name, value, attributes }) => ({
          name,
          value,
          note: attributes.map((one) => (one.value === undefined ? one.name : `${one.name}=${one.value}`)).join("; "),
        }))}
      />
      <FieldTable
        title="Redirect"
        fields={fieldValues(fields, "location").map((value) => ({ name: "Location", value }))}
      />
      <BodySection exchange={exchange} side="response" />
    </>
  );
}

function BodySection({ exchange, side }: { readonly exchange: ExchangeDetail; readonly side: Side }) {
  return (
    <div class="field-table">
      <h4>Body</h4>
      <Body exchange={exchange} side={side} />
    </div>
  );
}
