// What the organization says of itself: name, country, where its billing days begin, currency.
import { useMemo, useState, type FormEvent } from "react";
import { useIntl } from "react-intl";
import { useAct } from "@/lib/act";
import { useRefusals } from "@/lib/refusals";
import { countries, currencies, timeZones } from "@/lib/regions";
import { useSay } from "@/lib/say";
import type { SignedIn } from "@/lib/viewer";
import { Button } from "@/ui/button";
import { SelectField } from "@/ui/choice-field";
import { fieldError, FormErrors } from "@/ui/form-errors";
import { TextField } from "@/ui/text-field";
import { useToast } from "@/ui/toast";
import styles from "./accounts.module.css";
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
  const submit = async (event: FormEvent) => {
    event.preventDefault();
    if ((await run(form)) !== null) toast({ title: say("usage.organization.saved") });
  };
  return (
    <form className={styles.form} onSubmit={submit}>
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
      <FormErrors errors={worded} shownAtField={FIELDS} />
      <div className={styles.actions}>
        <Button type="submit" isPending={isPending}>
          {say("usage.organization.save")}
        </Button>
      </div>
    </form>
  );
}

/** The browser's zones, and the organization's own where the browser doesn't know it. */
function withOwn(own: string | null): { value: string; label: string }[] {
  const known = timeZones();
  const all = own === null || own === "" || known.includes(own) ? known : [own, ...known];
  return all.map((value) => ({ value, label: value.replaceAll("_", " ") }));
}
