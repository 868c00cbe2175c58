import { useMemo } from "hono/jsx/dom";
import { decodeText } from "../../body/charset.ts";
import { type FormFields, formFields, queryFields } from "../../body/form-fields.ts";
import { FieldTable } from "./field-table.tsx";

export interface FormViewProps {
  readonly bytes: Uint8Array;
  readonly contentType: string | undefined;
}

/** The fields of a form body. */
export function FormView({ bytes, contentType }: FormViewProps) {
  const form = useMemo(() => formFields(decodeText(bytes, contentType).text), [bytes, contentType]);
  return <Fields title="Form" form={form} whenEmpty="No field." />;
}

/** The fields of a query; nothing when there is none. */
export function QueryView({ target }: { readonly target: string }) {
  const form = useMemo(() => queryFields(target), [target]);
  return <Fields title="Query" form={form} />;
}

interface FieldsProps {
  readonly title: string;
  readonly form: FormFields;
  readonly whenEmpty?: string;
}

function Fields({ title, form: { fields, omitted }, whenEmpty }: FieldsProps) {
  const rows = fields.map(({ name, value, isBroken }) => ({
    name,
    value: value ?? "",
    note: isBroken ? "cannot be decoded cleanly" : value === undefined ? "no value" : undefined,
  }));
  return (
    <>
      <FieldTable title={title} fields={rows} {...(whenEmpty === undefined ? {} : { whenEmpty })} />
      {omitted > 0 && <p class="quiet">{omitted.toLocaleString("en")} more fields are not shown.</p>}
    </>
  );
}
