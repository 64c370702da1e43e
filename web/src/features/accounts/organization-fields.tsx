// What an organization is asked about itself: name, country, where its billing days begin, currency.
import { useMemo } from "react";
import { FormattedMessage, useIntl } from "react-intl";
import { countries, currencies, timeZones } from "@/lib/regions";
import { SelectField } from "@/ui/choice-field";
import { TextField } from "@/ui/text-field";
import styles from "./form.module.css";

export interface OrganizationDraft {
  organizationName: string;
  country: string;
  timeZone: string;
  currency: string;
}

interface Props {
  draft: OrganizationDraft;
  change: (next: Partial<OrganizationDraft>) => void;
  /** The refusal at a field, or null. */
  at: (field: string) => string | null;
}

export function OrganizationFields({ draft, change, at }: Props) {
  const intl = useIntl();
  const zones = useMemo(() => timeZones().map((value) => ({ value, label: value.replaceAll("_", " ") })), []);
  const places = useMemo(() => countries(intl.locale), [intl.locale]);
  const money = useMemo(() => currencies(intl.locale), [intl.locale]);
  return (
    <fieldset className={styles.group}>
      <legend>
        <FormattedMessage id="store.signUp.organization" />
      </legend>
      <TextField
        label={intl.formatMessage({ id: "store.signUp.organizationName" })}
        autoComplete="organization"
        name="organizationName"
        value={draft.organizationName}
        onChange={(organizationName) => change({ organizationName })}
        error={at("organizationName")}
        isRequired
      />
      <div className={styles.pair}>
        <SelectField
          label={intl.formatMessage({ id: "store.signUp.country" })}
          name="country"
          value={draft.country}
          onChange={(country) => change({ country })}
          choices={places}
          error={at("country")}
          isRequired
        />
        <SelectField
          label={intl.formatMessage({ id: "store.signUp.currency" })}
          name="currency"
          value={draft.currency}
          onChange={(currency) => change({ currency })}
          choices={money}
          error={at("currency")}
          isRequired
        />
      </div>
      <SelectField
        label={intl.formatMessage({ id: "store.signUp.timeZone" })}
        description={intl.formatMessage({ id: "store.signUp.timeZone.hint" })}
        name="timeZone"
        value={draft.timeZone}
        onChange={(timeZone) => change({ timeZone })}
        choices={zones}
        error={at("timeZone")}
        isRequired
      />
    </fieldset>
  );
}
