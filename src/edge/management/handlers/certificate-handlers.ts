import { isIP } from "node:net";
import { certificateFacts } from "../../../pki/certificate-facts.ts";
import { changedNotes } from "../account-records.ts";
import { timeText } from "../links.ts";
import type { ResourceHandlers } from "../management-call.ts";
import { type HandlerServices, recordHandlers } from "../record-handlers.ts";
import * as certificate from "../resources/certificate-resources.ts";
import { uploadedAuthority, uploadedPair } from "../uploaded-pem.ts";

export function tlsCertificateHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: certificate.tlsCertificates,
    type: "tlsCertificate",
    fields: certificate.tlsCertificateFields,
    changes: certificate.notesOnly,
    nothingGiven: "ERR_GINNEL_NO_CHANGE",
    view: async ({ certificatePem, origin, createdAt }) => {
      const { subject, names, issuerCommonName, serialNumber, keyType, ...facts } =
        await certificateFacts(certificatePem);
      return {
        certificate_pem: certificatePem,
        ...factsView({ subject, ...facts }),
        subject_alternative_names: {
          dns_names: names.filter((name) => isIP(name) === 0),
          ips: names.filter((name) => isIP(name) !== 0),
        },
        // When the edge got it; of a certificate that was brought, nobody told us.
        issued_at: origin === "acme" ? timeText(createdAt) : null,
        private_key_type: keyType,
        issuer_common_name: issuerCommonName,
        serial_number: serialNumber,
        subject_organization: subject.O,
        subject_organizational_unit: subject.OU,
        subject_locality: subject.L,
        subject_province: subject.ST,
        subject_country: subject.C,
      };
    },
    make: async ({ certificate_pem, private_key_pem }, owned) => {
      const { certificatePem, keyPem } = uploadedPair(certificate_pem, private_key_pem);
      const sealedKey = services.store.secrets.seal(keyPem, owned.id);
      return { record: { ...owned, certificatePem, sealedKey, origin: "uploaded" } };
    },
    change: async (notes) => changedNotes(notes),
  });
}

export function certificateAuthorityHandlers(services: HandlerServices): ResourceHandlers {
  return recordHandlers(services, {
    spec: certificate.certificateAuthorities,
    type: "certificateAuthority",
    fields: certificate.certificateAuthorityFields,
    changes: certificate.notesOnly,
    nothingGiven: "ERR_GINNEL_NO_CHANGE",
    view: async ({ caPem }) => ({ ca_pem: caPem, ...factsView(await certificateFacts(caPem)) }),
    make: async ({ ca_pem }, owned) => ({ record: { ...owned, caPem: uploadedAuthority(ca_pem) } }),
    change: async (notes) => changedNotes(notes),
  });
}

type ShownFacts = Pick<
  Awaited<ReturnType<typeof certificateFacts>>,
  "subject" | "notBefore" | "notAfter" | "keyUsages" | "extendedKeyUsages"
>;

function factsView({ subject, notBefore, notAfter, keyUsages, extendedKeyUsages }: ShownFacts): object {
  return {
    subject_common_name: subject.CN,
    not_before: timeText(notBefore),
    not_after: timeText(notAfter),
    key_usages: keyUsages,
    extended_key_usages: extendedKeyUsages,
  };
}
