// What the organization says of itself: name, country, where its billing days begin, currency.
import { useMemo, useState } from "react";
import { useIntl } from "react-intl";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { countries, currencies, timeZones } from "@/lib/regions";
import { useSay } from "@/lib/say";
import type { SignedIn } from "@/lib/viewer";
import { SelectField } from "@/ui/choice-field";
import { fieldError } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import { AccountForm } from "./account-form";
import { UpdateOrganization } from "./profile.generated";

const FIELDS = ["name", "country", "timeZone", "currency"];

export function OrganizationForm({ organization }: { organization: SignedIn["organization"] }) {
  const say = useSay();
  const toast = useToast();
  const { locale } = useIntl();
  const places = useMemo(() => countries(locale), [locale]);
  const money = useMemo(() => currencies(locale), [locale]);
  const zones = useMemo(() => withOwn(organization.timeZone), [organization.timeZone]);
  const [form, setForm] = useState({
    name: organization.name,
    country: organization.country ?? "",
    timeZone: organization.timeZone ?? "",
    currency: organization.currencyCode ?? "",
  });
  const change = (fields: Partial<typeof form>) => setForm((before) => ({ ...before, ...fields }));
  const { run, isPending, errors } = useAct(UpdateOrganization, (data) => data.updateOrganization);
  const worded = useRefusals("usage.refusal")(errors);
  const submit = async () => {
    if ((await run(form)) !== null) toast({ title: say("usage.organization.saved") });
  };
  return (
    <AccountForm
      errors={worded}
      fields={FIELDS}
      submitLabel={say("usage.organization.save")}
      isPending={isPending}
      onSubmit={submit}
    >
      <TextField label={say("usage.organization.name")} value={form.name} onChange={(name) => change({ name })} isRequired error={fieldError(worded, "name")} />
      <SelectField
        label={say("usage.organization.country")}
        value={form.country}
        onChange={(country) => change({ country })}
        choices={places}
        error={fieldError(worded, "country")}
      />
      <SelectField
        label={say("usage.organization.timeZone")}
        description={say("usage.organization.timeZone.hint")}
        value={form.timeZone}
        onChange={(timeZone) => change({ timeZone })}
        choices={zones}
        error={fieldError(worded, "timeZone")}
      />
      <SelectField
        label={say("usage.organization.currency")}
        description={say("usage.organization.currency.hint")}
        value={form.currency}
        onChange={(currency) => change({ currency })}
        choices={money}
        error={fieldError(worded, "currency")}
      />
    </AccountForm>
  );
}

/** The browser's zones, and the organization's own where the browser doesn't know it. */
function withOwn(own: string | null): { value: string; label: string }[] {
  const known = timeZones();
  const all = own === null || own === "" || known.includes(own) ? known : [own, ...known];
  return all.map((value) => ({ value, label: value.replaceAll("_", " ") }));
}
