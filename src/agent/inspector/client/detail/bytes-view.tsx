import { type Child, useEffect, useMemo, useState } from "hono/jsx/dom";
import { decodeText } from "../../body/charset.ts";
import { type ContentView, contentKind } from "../../body/content-kind.ts";
import { readJson } from "../../body/json-tree.ts";
import type { SyntaxFault } from "../../body/syntax-fault.ts";
import { readXml } from "../../body/xml-tree.ts";
import { Choice } from "./choice.tsx";
import { FormView } from "./form-view.tsx";
import { HexView } from "./hex-view.tsx";
import { JsonView } from "./json-view.tsx";
import { MultipartView } from "./multipart-view.tsx";
import { Shown } from "../../../../web-ui/client/shown-text.tsx";
import { TextView } from "./text-view.tsx";
import { XmlView } from "./xml-view.tsx";

export interface BytesViewProps {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly contentType: string | undefined;
  readonly label: string;
  /** Stands before the choice of ways. */
  readonly facts?: Child;
}

type Way = "formatted" | "text" | "hex";

/** The bytes of a body in the way that fits them, with plainer ways for the choosing. */
export function BytesView({ bytes, contentType, label, facts }: BytesViewProps) {
  const kind = useMemo(() => contentKind(contentType, bytes), [bytes, contentType]);
  const [wanted, setWanted] = useState<Way>("formatted");
  const ways = WAYS[kind.view];
  const way = ways.includes(wanted) ? wanted : (ways[0] ?? "hex");
  if (kind.view === "empty") return <p class="quiet">Empty.</p>;
  return (
    <>
      <div class="body-line">
        <span>{facts}</span>
        {ways.length > 1 && (
          <div class="switch" role="group" aria-label={`Show ${label.toLowerCase()} as`}>
            {ways.map((one) => (
              <Choice key={one} text={titleOf(one, kind.view)} isOn={one === way} onChoose={() => setWanted(one)} />
            ))}
          </div>
        )}
      </div>
      {way === "hex" && <HexView bytes={bytes} label={label} />}
      {way === "text" && <PlainText bytes={bytes} contentType={contentType} label={label} />}
      {way === "formatted" && (
        <Formatted bytes={bytes} contentType={contentType} label={label} view={kind.view} imageType={kind.imageType} />
      )}
    </>
  );
}

const WAYS: Readonly<Record<ContentView, readonly Way[]>> = {
  empty: [],
  json: ["formatted", "text", "hex"],
  xml: ["formatted", "text", "hex"],
  form: ["formatted", "text", "hex"],
  multipart: ["formatted", "text", "hex"],
  image: ["formatted", "hex"],
  text: ["text", "hex"],
  binary: ["hex", "text"],
};

function titleOf(way: Way, view: ContentView): string {
  if (way === "hex") return "Hex";
  if (way === "text") return "Text";
  return view === "json" || view === "xml" ? "Tree" : view === "image" ? "Image" : "Fields";
}

interface FormattedProps extends BytesViewProps {
  readonly view: ContentView;
  readonly imageType: string | undefined;
}

function Formatted({ view, imageType, ...props }: FormattedProps) {
  switch (view) {
    case "json":
      return <Tree {...props} language="JSON" />;
    case "xml":
      return <Tree {...props} language="XML" />;
    case "form":
      return <FormView {...props} />;
    case "multipart":
      return <MultipartView {...props} show={showPart} />;
    case "image":
      return <Picture bytes={props.bytes} type={imageType ?? "image/png"} label={props.label} />;
    case "empty":
    case "text":
    case "binary":
      return <PlainText {...props} />;
    default:
      return view satisfies never;
  }
}

function showPart(bytes: Uint8Array<ArrayBuffer>, contentType: string | undefined, label: string) {
  return <BytesView bytes={bytes} contentType={contentType} label={label} />;
}

/** A tree, or, where the text breaks the rules of its language, the text as it was received and the place of the fault. */
function Tree({ bytes, contentType, label, language }: BytesViewProps & { readonly language: "JSON" | "XML" }) {
  const { text } = useMemo(() => decodeText(bytes, contentType), [bytes, contentType]);
  const json = useMemo(() => (language === "JSON" ? readJson(text) : undefined), [language, text]);
  const xml = useMemo(() => (language === "XML" ? readXml(text) : undefined), [language, text]);
  const fault = json?.syntaxError ?? xml?.syntaxError;
  if (fault !== undefined) return <FaultyText text={text} label={label} fault={fault} language={language} />;
  if (json !== undefined) return <JsonView rows={json.rows} label={label} />;
  return xml === undefined ? null : <XmlView rows={xml.rows} label={label} />;
}

interface FaultyTextProps {
  readonly text: string;
  readonly label: string;
  readonly fault: SyntaxFault;
  readonly language: string;
}

function FaultyText({ text, label, fault, language }: FaultyTextProps) {
  return (
    <>
      <p class="fault">
        Not valid {language}: line {fault.line}, column {fault.column}: <Shown text={fault.reason} />
      </p>
      <TextView text={text} label={label} fault={fault} />
    </>
  );
}

function PlainText({ bytes, contentType, label }: BytesViewProps) {
  const { text, charset, isLossy } = useMemo(() => decodeText(bytes, contentType), [bytes, contentType]);
  return (
    <>
      {isLossy && <p class="quiet">Not all of it is {charset}; hex shows every byte.</p>}
      <TextView text={text} label={label} />
    </>
  );
}

/** The type comes from a fixed list of picture formats, so the bytes can be nothing but a picture. */
function Picture({
  bytes,
  type,
  label,
}: {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly type: string;
  readonly label: string;
}) {
  const [address, setAddress] = useState<string | undefined>(undefined);
  const [isBroken, setBroken] = useState(false);
  useEffect(() => {
    const made = URL.createObjectURL(new Blob([bytes], { type }));
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [bytes, type]);
  if (isBroken) return <p class="fault">The browser cannot show this {type}.</p>;
  return address === undefined ? null : (
    <div class="picture">
      <img src={address} alt={`${label}, ${type}`} onError={() => setBroken(true)} />
    </div>
  );
}
